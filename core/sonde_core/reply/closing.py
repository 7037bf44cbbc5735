"""The end of every mail: what to send if it goes on, and what never to send."""

from sonde_core.findings import ItemValue
from sonde_core.reply.letter import Letter
from sonde_core.words import Words

_SEND = ("send_code", "send_time", "send_changes", "send_account")


def add_closing(letter: Letter, words: Words, lead: str, **values: ItemValue) -> None:
    """Add what we need where the trouble goes on."""
    letter.add_list(words.phrase(lead, **values), (words.phrase(phrase) for phrase in _SEND))
    letter.add(words.phrase("never_send"))
