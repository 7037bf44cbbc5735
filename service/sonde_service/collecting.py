"""How often memory is searched for what nobody uses any more."""

import gc

_NEW_OBJECTS = 200_000
"""One host's diagnosis makes some thousand, and hardly any is part of a cycle: they go by
themselves once the results are kept, a hundred hosts at a time."""
_ROUNDS = 20


def collect_rarely() -> None:
    """Search new objects less often, and what is loaded by now never again.

    As Python is set up, a diagnosis of many hosts spends a sixth of its time on such searches.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, _ROUNDS, _ROUNDS)
