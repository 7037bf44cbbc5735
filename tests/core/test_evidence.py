"""Evidence as such, whatever is on it."""

import sys

from sonde_core.diagnose import diagnose
from sonde_core.history import remember
from tests.core.hosts import NOW, host


def test_nothing_that_was_derived_from_evidence_keeps_it() -> None:
    """A sweep holds a thousand of them: each must go by itself once its host is kept."""
    evidence = host()
    holders = sys.getrefcount(evidence)

    remember(None, evidence, diagnose(evidence), NOW)

    assert sys.getrefcount(evidence) == holders
