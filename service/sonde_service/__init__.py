"""Asking, deciding, keeping, showing: the centre and its command."""
