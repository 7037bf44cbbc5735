"""The mail that support sends, ready to send: plain text, in the customer's language and zone.

Its parts, in this order: the moment that was looked at · each cause in a sentence, what shows it,
the address to copy, the steps, what happens by itself · what else is in order · what to send if it
goes on. All sentences are the catalogue's (``reply.toml``).
"""

from sonde_core.reply.of_host import of_report
from sonde_core.reply.of_text import of_explanation

__all__ = ["of_explanation", "of_report"]
