"""Pages of messages."""

from datetime import UTC, datetime

import pytest

from sonde.support.v1.host_pb2 import Host
from sonde_core.errors import RequestInvalidError
from sonde_service.paging import cut, page_size, read_time_token, read_token, time_key


def page(names: list[str], size: int) -> tuple[list[str], str]:
    hosts, token = cut(names, size, lambda name: Host(name=name), lambda name: name)
    return [host.name for host in hosts], read_token(token)


def test_a_page_ends_after_its_size_and_tells_where_the_next_begins() -> None:
    assert page(["a", "b", "c"], 2) == (["a", "b"], "b")
    assert page(["a", "b"], 2) == (["a", "b"], "")
    assert page([], 2) == ([], "")


def test_a_page_of_large_messages_ends_sooner_but_never_empty() -> None:
    large = "x" * 300 * 1024

    assert page([f"1{large}", f"2{large}", "3"], 9) == ([f"1{large}"], f"1{large}")
    assert page([f"1{large}{large}", "2"], 9) == ([f"1{large}{large}"], f"1{large}{large}")


def test_a_size_is_bounded_and_zero_means_the_default() -> None:
    assert [page_size(asked, 50) for asked in (0, 1, 1_000, 10_000)] == [50, 1, 1_000, 1_000]
    with pytest.raises(RequestInvalidError):
        page_size(-1, 50)


def test_a_time_token_is_exact_to_the_microsecond() -> None:
    instant = datetime(2030, 1, 1, 12, 0, 0, 123457, tzinfo=UTC)
    _, token = cut(["a", "b"], 1, lambda name: Host(name=name), lambda _: time_key(instant, "d 1"))

    assert read_time_token(token) == (instant, "d 1")
    assert read_time_token("") is None


@pytest.mark.parametrize("token", ["x", "é", "////", "eA==", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5"])
def test_a_token_that_is_not_ours_is_refused(token: str) -> None:
    with pytest.raises(RequestInvalidError, match="page_token"):
        read_time_token(token)
