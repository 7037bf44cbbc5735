"""Every phrase that anybody here knows, looked for in one pass."""

from sonde_core.explainer.cleaning import Text
from sonde_core.explainer.clients import CLIENTS
from sonde_core.explainer.elsewhere import SERVICES
from sonde_core.explainer.foreign import AROUND, BUGS, DATABASES, LOCAL, NO_ANSWER, NOT_JSON, SHAPES
from sonde_core.explainer.informal import INFORMAL
from sonde_core.explainer.network import NETWORK
from sonde_core.explainer.signs import Heard, Places
from sonde_core.explainer.statuses import PAGES
from sonde_core.explainer.tongues import TONGUES

TABLES = (
    PAGES, NETWORK, CLIENTS, LOCAL, BUGS, AROUND, SHAPES, NOT_JSON, NO_ANSWER, SERVICES, INFORMAL,
    TONGUES, DATABASES,
)  # fmt: skip
HEADS = Places(head for table in TABLES for head in table.heads)


def heard(text: Text) -> Heard:
    """Return what phrases begin with and stands in a text, and where."""
    return HEADS.find(text)
