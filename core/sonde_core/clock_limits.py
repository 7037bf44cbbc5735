"""How far off a host's clock may be, whatever recvWindow is."""

from datetime import timedelta

AHEAD = timedelta(seconds=1)
"""The exchange refuses a timestamp that is this far ahead."""
BEHIND_WARNING = timedelta(seconds=1)
"""A clock that is this late is to be mended, though its requests may still come in time."""
