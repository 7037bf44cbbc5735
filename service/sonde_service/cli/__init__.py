"""The sonde command, for people."""
