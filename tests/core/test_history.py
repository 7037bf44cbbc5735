"""What changed from one diagnosis to the next."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from sonde_core.history import remember
from sonde_core.memory import ClosureMemory, Memory, Sighting
from sonde_core.readings import (
    SIGNED_KINDS,
    USDM,
    Closure,
    Failure,
    FailureReason,
    Kind,
    Reading,
    Subject,
)
from tests.core.histories import (
    EARLIER,
    ELSEWHERE,
    HISTORIES,
    IPV6,
    ONE,
    TWO,
    History,
    after,
    changes_of,
    diagnosed,
    earlier,
    echoes,
    key,
    rejected,
    skewed,
)
from tests.core.hosts import (
    HERE,
    MAIN,
    NOW,
    REJECTED,
    evidence,
    failed,
    host,
    ok,
    permissions,
    reading,
    refused,
)

SECONDS = timedelta(seconds=1)


@pytest.mark.parametrize("history", HISTORIES.values(), ids=HISTORIES)
def test_a_change_is_told_with_what_was_before_and_what_is_now(history: History) -> None:
    changes = changes_of(history)

    assert {change.item.id: dict(change.item.values) for change in changes} == history.changes
    assert len(changes) == len(history.changes)


@pytest.mark.parametrize("history", HISTORIES.values(), ids=HISTORIES)
def test_what_did_not_change_again_is_not_told_again(history: History) -> None:
    memory, _ = diagnosed(None, earlier(host(*history.first)))
    memory, _ = diagnosed(memory, host(*history.second))

    assert diagnosed(memory, earlier(host(*history.second), -EARLIER))[1] == ()


@pytest.mark.parametrize("history", HISTORIES.values(), ids=HISTORIES)
def test_what_is_seen_for_the_first_time_did_not_change_and_only_a_ban_has_a_beginning(
    history: History,
) -> None:
    told = {change.item.id for change in diagnosed(None, host(*history.second))[1]}

    assert told == history.changes.keys() & {"ban_began", "limit_began"}


def silent(*kinds: Kind) -> list[Reading]:
    """Return readings of some kinds that all failed."""
    return [
        replace(one, value=Failure(FailureReason.TIMEOUT))
        for kind in kinds
        for one in host().of(kind)
    ]


@pytest.mark.parametrize("history", HISTORIES.values(), ids=HISTORIES)
def test_what_is_not_told_did_not_change(history: History) -> None:
    gone = [Kind.ECHO_IPV4, Kind.KEY, Kind.EXCHANGE_TIME, *SIGNED_KINDS]
    memory, _ = diagnosed(None, earlier(host(*history.second)))
    memory, changes = diagnosed(memory, evidence(*silent(*gone)))
    later = earlier(host(*history.second), -EARLIER)

    assert changes == ()
    assert diagnosed(memory, later)[1] == ()


# -- one axis of time ----------------------------------------------------------------------------


def test_the_instant_of_a_change_is_that_of_its_reading_by_the_services_clock() -> None:
    memory, _ = diagnosed(None, earlier(host()))
    asked = NOW + timedelta(days=300)  # by a clock that the host does not share
    moved = host(*echoes(ELSEWHERE), *rejected(request_ip=ELSEWHERE))
    seen = after(moved, echo_ipv4=1, **{kind.value: 30 for kind in SIGNED_KINDS})
    seen = replace(seen, now=asked + 60 * SECONDS)

    _, changes = remember(memory, seen, (), asked)

    assert [(change.item.id, change.time - asked) for change in changes] == [
        ("address_changed", 1 * SECONDS),
        ("refused_first", 30 * SECONDS),
    ]


def test_no_clock_of_a_host_puts_a_change_outside_its_diagnosis() -> None:
    memory, _ = diagnosed(None, earlier(host()))
    seen = after(host(*echoes(ELSEWHERE)), echo_ipv4=86_400)
    seen = replace(seen, now=NOW + 5 * SECONDS)

    assert [change.time for change in remember(memory, seen, (), NOW)[1]] == [NOW + 5 * SECONDS]


def test_a_ban_that_began_before_the_diagnosis_stands_where_it_began() -> None:
    began, until = NOW - 30 * SECONDS, NOW + timedelta(minutes=4)
    ban = reading(Kind.GATE, USDM, Closure(status=418, since=began, until=until))

    memory, changes = diagnosed(None, host(ban))

    assert [change.time for change in changes] == [began]
    assert diagnosed(memory, earlier(host(ban), -SECONDS))[1] == ()
    assert memory.closures == (
        ClosureMemory(endpoint="usdm", status=418, since=began, until=until, stated=until),
    )


@pytest.mark.parametrize("year", [1, 9999])
def test_a_host_in_another_millennium_is_compared_in_this_one(year: int) -> None:
    wrong = datetime(year, 12, 31, tzinfo=UTC)
    ban = reading(Kind.GATE, USDM, Closure(status=418, since=wrong, until=wrong))
    memory, _ = diagnosed(None, earlier(host()))

    memory, changes = diagnosed(memory, host(replace(ban, time=wrong), *echoes(ELSEWHERE)))

    assert {change.item.id for change in changes} == {"address_changed", "ban_began"}
    assert all(abs(change.time - NOW) <= timedelta(days=3) for change in changes)
    assert abs(memory.closures[0].until - NOW) <= timedelta(days=3)


# -- two diagnoses at once -----------------------------------------------------------------------


def test_two_diagnoses_that_see_one_change_tell_it_once_in_whichever_order_they_are_kept() -> None:
    before, _ = diagnosed(None, earlier(host()))
    seen = host(*echoes(ELSEWHERE), *rejected(request_ip=ELSEWHERE))
    first, second = earlier(seen, SECONDS), seen
    for order in ((first, second), (second, first)):
        memory, told = before, []
        for one in order:
            memory, changes = diagnosed(memory, one)
            told += [change.item.id for change in changes]
        assert sorted(told) == ["address_changed", "refused_first"]
        assert memory.time == NOW


def test_a_late_answer_changes_only_what_the_later_one_did_not_tell() -> None:
    before, _ = diagnosed(None, earlier(host()))
    after_it, _ = diagnosed(before, host(*echoes(ELSEWHERE), without=SIGNED_KINDS))
    late = earlier(host(*rejected()), SECONDS)

    memory, changes = diagnosed(after_it, late)

    assert [change.item.id for change in changes] == ["refused_first"]
    assert memory.sightings[-1].addresses == (ELSEWHERE,)


def test_a_late_answer_about_an_older_key_says_nothing_about_the_new_one() -> None:
    before, _ = diagnosed(None, earlier(host()))
    renewed, _ = diagnosed(before, host(key("Xy9z", "f" * 16)))

    memory, changes = diagnosed(renewed, earlier(host(*rejected()), SECONDS))

    assert changes == ()
    assert memory.accounts == renewed.accounts


# -- addresses -----------------------------------------------------------------------------------


def followed(*seen: list[Reading]) -> Memory:
    memory = None
    for number, readings in enumerate(seen):
        memory, _ = diagnosed(memory, earlier(evidence(*readings), (len(seen) - number) * EARLIER))
    assert memory
    return memory


def addresses(memory: Memory) -> list[tuple[str, ...]]:
    return [sighting.addresses for sighting in memory.sightings]


def down(subject: Subject) -> Reading:
    return failed(Kind.ECHO_IPV4, subject, FailureReason.TIMEOUT)


def test_every_move_is_a_sighting_with_its_instant() -> None:
    memory = followed(echoes(HERE), echoes(HERE), echoes(ELSEWHERE), echoes(HERE))

    assert memory.sightings == (
        Sighting(time=NOW - 4 * EARLIER, addresses=(HERE,)),
        Sighting(time=NOW - 2 * EARLIER, addresses=(ELSEWHERE,)),
        Sighting(time=NOW - EARLIER, addresses=(HERE,)),
    )


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        pytest.param(
            [echoes(HERE), [down(ONE), down(TWO)], echoes(HERE)], [(HERE,)], id="echoes down"
        ),
        pytest.param([echoes(HERE), [echoes(HERE)[0], down(TWO)]], [(HERE,)], id="one echo down"),
        pytest.param(
            [
                [echoes(HERE)[0], echoes(ELSEWHERE)[1]],
                [echoes(ELSEWHERE)[0], echoes(HERE)[1]],
            ],
            [(ELSEWHERE, HERE)],
            id="observers trade addresses: a pool of two",
        ),
        pytest.param(
            [echoes(HERE)[:1], [*echoes(HERE)[:1], *echoes(ELSEWHERE)[1:]]],
            [(ELSEWHERE, HERE)],
            id="another observer sees another way",
        ),
        pytest.param(
            [echoes(HERE), [*echoes(HERE), *rejected(request_ip=ELSEWHERE)]],
            [(ELSEWHERE, HERE)],
            id="the exchange sees another way",
        ),
        pytest.param(
            [[*echoes(HERE), *rejected(request_ip=HERE)], echoes(ELSEWHERE)],
            [(HERE,), (ELSEWHERE,)],
            id="what the exchange saw before a move is over",
        ),
        pytest.param(
            [[*echoes(HERE), *echoes(IPV6, family=Kind.ECHO_IPV6)], echoes(ELSEWHERE)],
            [(IPV6, HERE)[::-1], (ELSEWHERE, IPV6)],
            id="a family that is not told stays",
        ),
    ],
)
def test_only_a_move_that_somebody_saw_is_a_sighting(
    seen: list[list[Reading]], expected: list[tuple[str, ...]]
) -> None:
    assert addresses(followed(*seen)) == [tuple(sorted(one)) for one in expected]


def test_of_a_host_that_never_stays_the_newest_32_sightings_are_kept() -> None:
    places = [f"198.51.100.{number}" for number in range(40)]

    memory = followed(*(echoes(place) for place in places))

    assert addresses(memory) == [(place,) for place in places[-32:]]
    assert all(one.time < other.time for one, other in pairwise(memory.sightings))


# -- accounts ------------------------------------------------------------------------------------


def test_when_and_from_where_a_key_was_accepted_is_remembered_through_its_refusal() -> None:
    memory, _ = diagnosed(None, earlier(host()))
    memory, _ = diagnosed(memory, earlier(host(*echoes(ELSEWHERE), *rejected()), 30 * SECONDS))
    memory, _ = diagnosed(memory, host(*echoes(ELSEWHERE), *rejected()))
    main = memory.accounts["main"]

    assert (main.accepted, main.accepted_from) == (NOW - EARLIER, (HERE,))
    assert main.futures_accepted == NOW - EARLIER
    assert (main.refused, main.refusal) == (NOW - 30 * SECONDS, -2015)


def test_an_accepted_key_is_no_longer_a_refused_one() -> None:
    memory, _ = diagnosed(None, earlier(host(*rejected())))
    memory, _ = diagnosed(memory, host())
    main = memory.accounts["main"]

    assert (main.refused, main.refusal) == (None, None)
    assert main.accepted == NOW


def test_where_no_echo_answered_nobody_knows_from_where_a_key_was_accepted() -> None:
    memory, _ = diagnosed(None, earlier(host()))
    memory, _ = diagnosed(memory, host(down(ONE), down(TWO)))

    assert memory.accounts["main"].accepted_from == ()


def test_a_new_key_has_no_past_and_is_compared_with_the_old_one() -> None:
    memory, _ = diagnosed(None, earlier(host()))
    weaker = ok(Kind.API_RESTRICTIONS, permissions("enableReading", "enableSpotAndMarginTrading"))
    futures = [
        refused(kind, -2015, REJECTED) for kind in (Kind.FUTURES_ACCOUNT, Kind.FUTURES_ORDER_TEST)
    ]

    memory, changes = diagnosed(memory, host(key("Xy9z", "f" * 16), weaker, *futures))
    main = memory.accounts["main"]

    assert [change.item.id for change in changes] == [
        "key_changed",
        "permission_taken",
        "refused_first",
    ]
    assert main.futures_accepted is None
    assert main.granted == frozenset({"enableReading", "enableSpotAndMarginTrading"})


def test_a_refused_timestamp_is_a_change_even_where_the_exchanges_clock_got_an_answer() -> None:
    memory, _ = diagnosed(None, earlier(host()))
    kind = Kind.FUTURES_ACCOUNT
    seen = host(refused(kind, -1021), *skewed(1_500), more=[ok(kind)])

    memory, changes = diagnosed(memory, seen)

    assert [change.item.id for change in changes] == ["clock_turned_ahead", "refused_first"]
    assert changes[1].item.values["code"] == -1021
    main = memory.accounts["main"]
    assert (main.refused, main.accepted, main.futures_accepted) == (None, NOW, NOW)


@pytest.mark.parametrize("code", [-1003, -1008, -1016])
def test_a_failure_that_passes_says_nothing_about_the_key(code: int) -> None:
    memory, _ = diagnosed(None, earlier(host()))
    busy = [refused(kind, code, status=503) for kind in SIGNED_KINDS]

    assert diagnosed(memory, host(*busy))[1] == ()


def test_accounts_that_a_host_makes_up_do_not_pile_up() -> None:
    memory = None
    for round_ in range(5):
        made_up = [
            replace(one, subject=Subject("account", f"{round_}-{number}"))
            for number in range(20)
            for one in rejected()
        ]
        memory, changes = diagnosed(memory, evidence(*made_up))
        assert len(changes) <= 64

    assert memory
    assert len(memory.accounts) == 32
    assert MAIN.name not in memory.accounts
