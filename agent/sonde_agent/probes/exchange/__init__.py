"""The exchange probe: whether this host reaches the exchange, and what it says to each key."""
