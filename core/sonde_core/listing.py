"""At which endpoints the symbol of a refused order may be listed.

| refused by                         | listed at                                                |
| ---------------------------------- | -------------------------------------------------------- |
| spot or the wallet                 | spot                                                     |
| USD-M futures, COIN-M futures      | there                                                    |
| portfolio margin, which takes      | as the path says: /um/, /cm/ or /margin/; else wherever  |
| orders for all three, WebSocket,   | the same message is published, and a coin-margined       |
| nobody knows whom                  | contract at COIN-M futures alone                         |
"""

import re
from collections.abc import Iterable

from sonde_core.explainer import Explanation
from sonde_core.orders import COIN_MARGINED
from sonde_core.refusals import Refusal, Surface
from sonde_core.refusals.table import table

_HOMES = {
    Surface.SPOT: "spot",
    Surface.SAPI: "spot",
    Surface.USDM: "usdm",
    Surface.COINM: "coinm",
}
_OF_PATH = {"/um/": "usdm", "/cm/": "coinm", "/margin/": "spot", "ws-fapi": "usdm"}
_PATH = re.compile(r"/papi/v\d(/um/|/cm/|/margin/)|//(ws-fapi)\b")


def endpoints_listing(explanation: Explanation, text: str) -> tuple[str, ...]:
    """Return where the symbol that an explained text names may be listed, likeliest first."""
    home = _HOMES.get(explanation.facts.surface) if explanation.facts.surface else None
    if home:
        return (home,)
    path = _PATH.search(text)
    if path:
        return (_OF_PATH[path[1] or path[2]],)
    if COIN_MARGINED.search(explanation.facts.symbol or ""):
        return ("coinm",)
    published = _homes(_surfaces(explanation.refusal)) if explanation.refusal else ()
    return published or ("usdm", "spot")


def _surfaces(refusal: Refusal) -> Iterable[Surface]:
    """Return who publishes an error, the one that it was taken for first."""
    yield refusal.surface
    for row in table().rows:
        if row.message == refusal.message:
            yield from map(Surface, row.surfaces)


def _homes(surfaces: Iterable[Surface]) -> tuple[str, ...]:
    known = dict.fromkeys(_HOMES[each] for each in surfaces if each in _HOMES)
    return tuple(known)
