"""One arrival in three processes: front desk, valet and bellman share a journey."""
