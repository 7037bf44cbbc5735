"""Measuring: what runs on each trading host."""
