"""The agent's log: everything secret is taken out last."""

import logging

from sonde_agent.redaction import redact
from sonde_wire.logs import log_to_stderr

_QUIET = ("httpcore",)
"""They log whole URLs, and a signed URL is a signature."""


def configure(level: int = logging.INFO) -> None:
    """Send log lines to standard error."""
    log_to_stderr(level, redact)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.CRITICAL)
        logging.getLogger(name).propagate = False
