"""Scoring on a Spark cluster: a script to submit."""
