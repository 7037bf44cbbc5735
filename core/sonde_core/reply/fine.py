"""What a diagnosis found in order: customers ask for it, and it ends wrong guesses."""

from sonde_core.findings import Finding, ItemValue, Verdict
from sonde_core.report import HostReport
from sonde_core.words import Words

_FINE = {
    "fine_network": (
        "NETWORK_DNS",
        "NETWORK_CONNECTION",
        "NETWORK_TLS",
        "NETWORK_TIMEOUT",
        "GEO_RESTRICTED",
    ),
    "fine_clock": ("CLOCK_AHEAD", "CLOCK_BEHIND"),
    "fine_address": ("IP_NOT_WHITELISTED", "IP_UNSTABLE"),
    "fine_permissions": ("PERMISSION_MISSING", "WITHDRAWALS_ENABLED", "KEY_OLDER_THAN_FUTURES"),
    "fine_rate": ("IP_BANNED", "RATE_LIMIT_WEIGHT", "WAF_BLOCKED"),
}
"""The causes that must all be clear, on every subject, before something is called fine."""


def fine(report: HostReport, words: Words) -> list[str]:
    """Return what is in order, each in a few words."""
    return [
        words.phrase(phrase, **_values(decided))
        for phrase, causes in _FINE.items()
        if _all_clear(decided := [f for f in report.findings if f.cause in causes], causes)
    ]


def _all_clear(decided: list[Finding], causes: tuple[str, ...]) -> bool:
    known = {finding.cause for finding in decided if finding.verdict is Verdict.CLEAR}
    return known == set(causes) and all(f.verdict is Verdict.CLEAR for f in decided)


def _values(decided: list[Finding]) -> dict[str, ItemValue]:
    return {
        k: v for f in reversed(decided) for item in f.supporting for k, v in item.values.items()
    }
