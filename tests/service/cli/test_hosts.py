import json
import shlex

import pytest

from sonde.support.v1.host_pb2 import HostState
from tests.commands import Command
from tests.service.cli.fake_support import FakeSupport

FULL = (
    "--address", "10.0.0.2:7443", "--tls-name", "tyo-02", "--customer", "li@example.com",
    "--uid-last6", "123456", "--lang", "zh", "--tz", "Asia/Shanghai", "--label", "region=tyo",
    "--label", "tier=1", "--whitelist-ip", "main=203.0.113.7",
    "--whitelist-ip", "main=203.0.113.0/28",
)  # fmt: skip


async def test_add_records_all_that_the_options_say(support: FakeSupport, sonde: Command) -> None:
    told = await sonde("hosts", "add", "tyo-02", *FULL)

    host = support.hosts["tyo-02"]
    assert told.out == "added tyo-02; next: sonde diagnose tyo-02\n"
    assert (host.address, host.tls_name) == ("10.0.0.2:7443", "tyo-02")
    assert (host.customer.email, host.customer.uid_last6) == ("li@example.com", "123456")
    assert (host.customer.language, host.customer.time_zone) == ("zh", "Asia/Shanghai")
    assert dict(host.labels) == {"region": "tyo", "tier": "1"}
    assert list(host.whitelists["main"].entries) == ["203.0.113.7", "203.0.113.0/28"]
    assert host.whitelists["main"].recorded_by
    assert host.whitelists["main"].HasField("record_time")


async def test_add_without_an_address_asks_for_it_next(sonde: Command) -> None:
    told = await sonde("hosts", "add", "tyo-02", "--lang", "zh")

    assert told.out == "added tyo-02; next: sonde hosts set tyo-02 --address ADDRESS\n"


async def test_set_changes_what_is_named_and_keeps_the_rest(
    support: FakeSupport, sonde: Command
) -> None:
    await sonde("hosts", "add", "tyo-02", *FULL)

    told = await sonde(
        "hosts", "set", "tyo-02", "--label", "tier=", "--whitelist-ip", "main=203.0.113.9",
        "--lang", "en",
    )  # fmt: skip

    host = support.hosts["tyo-02"]
    assert told.code == 0
    assert dict(host.labels) == {"region": "tyo"}
    assert list(host.whitelists["main"].entries) == ["203.0.113.9"]
    assert (host.customer.language, host.address) == ("en", "10.0.0.2:7443")


async def test_set_forgets_a_list_that_is_given_empty(support: FakeSupport, sonde: Command) -> None:
    await sonde("hosts", "add", "tyo-02", *FULL)

    await sonde("hosts", "set", "tyo-02", "--whitelist-ip", "main=")

    assert not support.hosts["tyo-02"].whitelists


async def test_list_shows_every_page_with_a_sign_for_how_each_host_is(
    support: FakeSupport, sonde: Command
) -> None:
    states = {
        "a": HostState.HOST_STATE_HEALTHY,
        "b": HostState.HOST_STATE_FAILING,
        "c": HostState.HOST_STATE_WARNING,
        "d": HostState.HOST_STATE_UNCLEAR,
        "e": HostState.HOST_STATE_SILENT,
        "f": HostState.HOST_STATE_UNSPECIFIED,
    }
    support.has(dict.fromkeys(states, "healthy"))
    for name, state in states.items():
        support.hosts[name].state = state
    # It was well when it was last seen, and gives no answer now.
    support.hosts["e"].last_seen_time.FromSeconds(1_900_000_000)
    support.hosts["e"].last_healthy = True

    told = await sonde("hosts", "list")
    shown = await sonde("hosts", "show", "b")

    rows = [line.split() for line in told.out.splitlines()[1:]]
    assert [row[:2] for row in rows] == [
        ["✓", "a"], ["✗", "b"], ["!", "c"], ["?", "d"], ["?", "e"], ["?", "f"],
    ]  # fmt: skip
    assert rows[4][3:6] == ["2030-03-17", "17:46", "UTC"]
    assert rows[5][3] == "never"
    assert shown.out.split()[:2] == ["✗", "b"]


async def test_list_as_json_has_a_line_per_chosen_host(
    support: FakeSupport, sonde: Command
) -> None:
    support.has({"a": "healthy", "b": "healthy"})
    support.hosts["b"].labels["region"] = "tyo"

    told = await sonde("hosts", "list", "--label", "region=tyo", "--json")

    assert json.loads(told.out) == {
        "name": "b",
        "address": "unix:/run/b.sock",
        "labels": {"region": "tyo"},
    }


async def test_list_without_hosts_says_how_to_add_one(sonde: Command) -> None:
    assert "sonde hosts add" in (await sonde("hosts", "list")).out


async def test_show_says_all_that_is_recorded(sonde: Command) -> None:
    await sonde("hosts", "add", "tyo-02", *FULL)

    told = await sonde("hosts", "show", "tyo-02")
    as_json = await sonde("hosts", "show", "tyo-02", "--json")

    for fact in ("10.0.0.2:7443", "li@example.com", "...123456", "203.0.113.7, 203.0.113.0/28"):
        assert fact in told.out
    assert json.loads(as_json.out)["customer"]["time_zone"] == "Asia/Shanghai"


async def test_remove_prints_the_command_that_undoes_it(
    support: FakeSupport, sonde: Command
) -> None:
    await sonde("hosts", "add", "tyo-02", *FULL)
    before = support.hosts["tyo-02"]

    told = await sonde("hosts", "remove", "tyo-02", COLUMNS="40")
    undo = shlex.split(told.out.splitlines()[-1])

    assert support.hosts == {}
    assert undo[0] == "sonde"
    await sonde(*undo[1:])
    after = support.hosts["tyo-02"]
    after.whitelists["main"].record_time.CopyFrom(before.whitelists["main"].record_time)
    assert after == before


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        pytest.param(["add"], "NAME", id="no name"),
        pytest.param(["add", "a"], "host a exists", id="added twice"),
        pytest.param(["show", "b"], "no such host: b", id="unknown host shown"),
        pytest.param(["set", "b", "--lang", "en"], "no such host: b", id="unknown host changed"),
        pytest.param(["set", "a"], "say what to change", id="nothing to change"),
        pytest.param(["remove", "b"], "no such host: b", id="unknown host removed"),
        pytest.param(["add", "b", "--whitelist-ip", "1.2.3.4"], "ACCOUNT=IP", id="no account"),
        pytest.param(["add", "b", "--whitelist-ip", "m=1.2.3"], "203.0.113.0/24", id="no address"),
        pytest.param(["add", "b", "--whitelist-ip", "m=1.2.3.4/8"], "host bits", id="host bits"),
        pytest.param(["add", "b", "--label", "=x"], "--label", id="a label without a key"),
        pytest.param(["add", "b", "--tz", "UTC+8"], "Asia/Shanghai", id="no IANA time zone"),
        pytest.param(["frobnicate"], "frobnicate", id="no such command"),
    ],
)
async def test_what_cannot_be_done_is_said_in_one_line(
    support: FakeSupport, sonde: Command, arguments: list[str], named: str
) -> None:
    support.has({"a": "healthy"})

    told = await sonde("hosts", *arguments)

    assert (told.code, told.out) == (2, "")
    assert told.err.startswith("sonde: ")
    assert named in told.err
    assert told.err.count("\n") == 1
    assert set(support.hosts) == {"a"}
