"""Probes: each measures one thing about this host and states what it read."""
