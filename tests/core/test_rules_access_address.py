"""Whether the key's IP list is to blame, and which address to change in it."""

from sonde_core.evidence import Evidence
from sonde_core.findings import Confidence, Verdict
from sonde_core.readings import Kind
from sonde_core.words import Words
from tests.core.hosts import HERE, MAIN, host, whitelist
from tests.core.refused_keys import SEEN, finding, found, futures_rejected, rejected


def test_an_address_is_not_cleared_by_calls_that_left_by_another() -> None:
    evidence_ = host(*futures_rejected(SEEN), more=[whitelist("203.0.113.0/24")])

    assert finding(evidence_, "IP_NOT_WHITELISTED").verdict is Verdict.UNKNOWN


def test_without_a_recorded_list_the_missing_record_and_the_settling_check_are_named() -> None:
    undecided = finding(host(*rejected()), "IP_NOT_WHITELISTED")

    assert [item.id for item in undecided.missing] == ["whitelist_not_recorded"]
    assert undecided.settle is not None
    assert undecided.settle.values["address"] == SEEN


def test_the_services_record_wins_over_the_agents() -> None:
    agents = host(*rejected(), more=[whitelist("198.51.100.7")])
    records = agents.value(Kind.WHITELIST, MAIN, type(whitelist(SEEN).value))
    assert records is not None
    services = Evidence(
        now=agents.now,
        readings=agents.readings,
        whitelists={"main": whitelist(SEEN).value},  # type: ignore[dict-item]
    )

    assert found(services) == {"KEY_INVALID": Confidence.LIKELY}


def test_an_address_is_only_replaced_where_nothing_else_can_break() -> None:
    one = finding(host(*rejected(), more=[whitelist("198.51.100.7")]), "IP_NOT_WHITELISTED")
    two = finding(
        host(*rejected(), more=[whitelist("198.51.100.7", "198.51.100.8")]), "IP_NOT_WHITELISTED"
    )

    assert Words().next_step(one) == f"replace 198.51.100.7 in API Management with {SEEN}"
    assert Words().next_step(two).startswith(f"add {SEEN} to the key's IP list")


def test_several_outbound_addresses_are_told_where_the_address_is_in_doubt() -> None:
    told = finding(host(*rejected()), "IP_NOT_WHITELISTED").supporting

    assert [i.values["addresses"] for i in told if i.id == "addresses_differ"] == [(HERE, SEEN)]
