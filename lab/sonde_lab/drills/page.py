"""Writes docs/drills.md. `make pages` runs it."""

import sys
from collections.abc import Iterator

from sonde_lab.drills.drill import Drill, Expected
from sonde_lab.drills.every import DRILLS, GROUPS
from sonde_lab.drills.orders import ORDERS
from sonde_lab.drills.unreached import UNREACHED

_HEAD = """\
# Drills

`sonde-lab drill` brings about faults in a stand-in world, starts a real agent in each and one real
service, diagnoses, and checks every verdict: the causes, how sure they are, their order, the exit
code of `sonde diagnose`, and what must not be claimed. `make test` runs them all.

```
sonde-lab drill                    all of them; exit code 0 if all are right, 1 if not
sonde-lab drill futures-off        one or more by name
sonde-lab drill --list             which there are
```

**No cause may be found that is not listed as expected.** The column “not” names those that a hasty
reader of the same answers would claim, and in italics those that nobody can tell there: they must
be neither found nor excluded. A cause is about the host or the only account unless a name in
brackets says otherwise; where several are expected, the one that hides the others comes first.

In which order the exchange checks a signed request is not documented. A drill with ✓ under
“orders” is run under each of these, and the verdict must be the same:

"""
_HEADS = ("drill", "what is wrong", "expected", "exit", "not", "orders")


def page() -> str:
    """Return the page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield _HEAD.rstrip("\n")
    yield ""
    for order in ORDERS:
        yield f"- *{order.name}*: {', '.join(check.value for check in order.checks)}"
    yield f"\nThere are {len(DRILLS)} drills."
    for title, drills in GROUPS.items():
        yield f"\n## {title}\n"
        yield _row(*_HEADS)
        yield _row(*("---" for _ in _HEADS))
        for drill in drills:
            yield from _rows(drill)
    yield "\n## Causes that no drill can reach\n"
    yield _row("cause", "why")
    yield _row("---", "---")
    for why in dict.fromkeys(UNREACHED.values()):
        causes = [cause for cause, reason in UNREACHED.items() if reason == why]
        yield _row(", ".join(causes), why)


def _rows(drill: Drill) -> Iterator[str]:
    """Return a row per diagnosis."""
    orders = "✓" if len(drill.orders) > 1 else ""
    name, about = f"`{drill.name}`", drill.about
    for number, step in enumerate(drill.steps):
        if len(drill.steps) > 1:
            about = f"{drill.about}: {step.about}" if number == 0 else f"… {step.about}"
        yield _row(name, about, *_outcome(step.expected), orders)
        for order, expected in step.under.items():
            yield _row("", f"… under *{order}*", *_outcome(expected), orders)
        name = ""


def _outcome(expected: Expected) -> tuple[str, str, str]:
    found = "<br>".join(map(str, expected.found)) or "nothing"
    found += f"<br>by “{expected.named}”" if expected.named else ""
    refused = (*expected.tempting, *(f"*{cause}*" for cause in expected.unknown))
    return found, str(expected.exit.value), "<br>".join(refused)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.stdout.write(page())
