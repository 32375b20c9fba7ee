"""Benchmarks: how fast journeyscore is, and whether its scores mean anything.

``python -m benchmarks NAME`` from the root of the project; README.md says what each measures.
"""
