"""SHOWING: results on a terminal. It measures, asks and decides nothing."""
