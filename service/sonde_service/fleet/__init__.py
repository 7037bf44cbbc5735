"""What the centre does for agents."""
