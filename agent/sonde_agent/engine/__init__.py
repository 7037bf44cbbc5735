"""What the trading engine on this host reports and asks."""
