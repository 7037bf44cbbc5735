"""The end of every mail: what to send if it goes on, and what never to send."""

from sonde_core.findings import ItemValue
from sonde_core.reply.letter import Letter
from sonde_core.words import Words

_SEND = ("send_code", "send_time", "send_changes", "send_account")
_BESIDE_THE_KEY = {"send_changes": "send_other_changes"}


def add_closing(
    letter: Letter, words: Words, lead: str, *, other_key: bool = False, **values: ItemValue
) -> None:
    """Add what we need where the trouble goes on; `other_key` tells that we know of a new key."""
    asked = [_BESIDE_THE_KEY.get(each, each) if other_key else each for each in _SEND]
    letter.add_list(words.phrase(lead, **values), (words.phrase(phrase) for phrase in asked))
    letter.add(words.phrase("never_send"))
