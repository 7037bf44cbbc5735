"""A refusal that several calls of one endpoint met."""

from sonde_core.findings import Verdict
from sonde_core.readings import SIGNED_KINDS
from sonde_core.rules import access
from tests.core.hosts import host, refused


def test_one_refusal_is_told_once_per_endpoint() -> None:
    everywhere = [refused(kind, -1022, "Signature", status=400) for kind in SIGNED_KINDS]

    [found] = [each for each in access.examine(host(*everywhere)) if each.verdict is Verdict.FOUND]

    assert len(found.supporting) == len({"spot", "usdm"})
