collect_ignore = ["usage.py"]  # it is checked, and never run
