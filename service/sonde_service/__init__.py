"""Asking, deciding, keeping, showing: the centre and its command."""

import os

# Read when grpc is imported. Its own lines, such as those on each failed handshake, are no JSON
# and would stand between ours; what they say is in the error of the call.
os.environ.setdefault("GRPC_VERBOSITY", "NONE")
