"""SupportService over a real socket."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import grpc.aio
import pytest
import pytest_asyncio
from google.protobuf.duration_pb2 import Duration

from sonde.agent.v1.reading_pb2 import WhitelistRecord
from sonde.support.v1 import support_service_pb2 as pb
from sonde.support.v1.diagnosis_pb2 import HostResult
from sonde.support.v1.host_pb2 import Customer, Host, HostState
from sonde_core.evidence import Contact
from sonde_service.store.migrating import upgrade
from sonde_service.store.store import Store
from sonde_wire.errors import error_info
from sonde_wire.results import decode_result
from tests.core.cases import CASES
from tests.service.kept import NOON
from tests.service.links import FakeLink
from tests.service.serving import serving

if TYPE_CHECKING:
    from sonde.support.v1.support_service_pb2_grpc import SupportServiceAsyncStub

WHOLE = Host(
    name="sgp-01",
    address="127.0.0.1:7443",
    tls_name="agent.example",
    customer=Customer(
        email="li@example.com", uid_last6="123456", language="zh", time_zone="Asia/Shanghai"
    ),
    labels={"region": "sgp"},
    whitelists={"main": WhitelistRecord(entries=["203.0.113.7", "2001:db8::/64"])},
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(f"sqlite:///{tmp_path}/service.sqlite3") as opened:
        upgrade(opened)
        yield opened


@pytest.fixture
def link() -> FakeLink:
    return FakeLink()


@pytest_asyncio.fixture
async def service(
    store: Store, link: FakeLink, tmp_path: Path
) -> AsyncIterator[SupportServiceAsyncStub]:
    async with serving(store, link, tmp_path) as stub:
        yield stub


async def create(service: SupportServiceAsyncStub, *names: str) -> None:
    for name in names:
        await service.CreateHost(pb.CreateHostRequest(host=Host(name=name)))


async def diagnose(
    service: SupportServiceAsyncStub, *names: str
) -> tuple[pb.DiagnosisPlan, dict[str, HostResult]]:
    request = pb.DiagnoseHostsRequest(filter=pb.HostFilter(names=names))
    events = [event async for event in service.DiagnoseHosts(request)]
    assert [event.WhichOneof("event") for event in events] == ["plan"] + ["result"] * (
        len(events) - 1
    )
    return events[0].plan, {event.result.host: event.result for event in events[1:]}


# -- hosts -------------------------------------------------------------------------------------


async def test_a_created_host_is_returned_got_and_listed(service: SupportServiceAsyncStub) -> None:
    created = (await service.CreateHost(pb.CreateHostRequest(host=WHOLE))).host
    got = (await service.GetHost(pb.GetHostRequest(name="sgp-01"))).host
    listed = (await service.ListHosts(pb.ListHostsRequest())).hosts

    expected = Host()
    expected.CopyFrom(WHOLE)
    expected.create_time.FromDatetime(NOON)
    expected.whitelists["main"].record_time.FromDatetime(NOON)
    assert created == got == listed[0] == expected


async def test_an_update_replaces_all_but_when_the_host_was_added(
    service: SupportServiceAsyncStub,
) -> None:
    await service.CreateHost(pb.CreateHostRequest(host=WHOLE))
    bare = Host(name="sgp-01", address="unix:/run/agent.sock")
    updated = (await service.UpdateHost(pb.UpdateHostRequest(host=bare))).host

    bare.customer.SetInParent()
    bare.create_time.FromDatetime(NOON)
    assert updated == bare


async def test_a_deleted_host_is_gone(service: SupportServiceAsyncStub) -> None:
    await create(service, "sgp-01")
    await service.DeleteHost(pb.DeleteHostRequest(name="sgp-01"))

    assert not (await service.ListHosts(pb.ListHostsRequest())).hosts


async def test_hosts_are_listed_page_by_page(service: SupportServiceAsyncStub) -> None:
    await create(service, "a", "b", "c", "d", "e")

    pages = []
    request = pb.ListHostsRequest(page_size=2)
    while True:
        answer = await service.ListHosts(request)
        pages.append([host.name for host in answer.hosts])
        if not answer.next_page_token:
            break
        request.page_token = answer.next_page_token

    assert pages == [["a", "b"], ["c", "d"], ["e"]]


# -- requests that will not do -----------------------------------------------------------------


async def failure(call: object) -> tuple[grpc.StatusCode, str, dict[str, str]]:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call  # type: ignore[misc]
    info = error_info(caught.value)
    assert info is not None
    assert info.domain == "sonde"
    return caught.value.code(), caught.value.details() or "", dict(info.metadata)


@pytest.mark.parametrize(
    ("change", "field", "fix"),
    [
        (Host(name="SGP_01"), "host.name", "a-z"),
        (Host(name="-a"), "host.name", "a-z"),
        (Host(name="a" * 64), "host.name", "1 to 63"),
        (Host(address="nonsense"), "host.address", "host:port"),
        (Host(address="unix:relative"), "host.address", "absolute path"),
        (Host(address="10.0.0.1:0"), "host.address", "port"),
        (Host(tls_name="not a name"), "host.tls_name", "certificates"),
        (Host(customer=Customer(email="li")), "host.customer.email", "e-mail"),
        (Host(customer=Customer(uid_last6="12345")), "host.customer.uid_last6", "six digits"),
        (
            Host(customer=Customer(uid_last6="１２３４５６")),
            "host.customer.uid_last6",
            "six digits",
        ),
        (Host(customer=Customer(language="fr")), "host.customer.language", '"zh" or "en"'),
        (Host(customer=Customer(time_zone="Mars/Base")), "host.customer.time_zone", "IANA"),
        (Host(customer=Customer(time_zone="Asia")), "host.customer.time_zone", "IANA"),
        (Host(customer=Customer(time_zone="../../etc")), "host.customer.time_zone", "IANA"),
        (Host(labels={"": "x"}), "host.labels", "key"),
        (Host(labels={"k": "a\nb"}), "host.labels[k]", "printable"),
        (Host(labels={f"k{n}": "" for n in range(33)}), "host.labels", "at most 32"),
        (
            Host(whitelists={"main": WhitelistRecord(entries=["203.0.113.7/24"])}),
            "host.whitelists[main]",
            "host bits",
        ),
        (
            Host(whitelists={"main": WhitelistRecord(entries=["example.com"])}),
            "host.whitelists[main]",
            "203.0.113.0/24",
        ),
        (Host(whitelists={"a b": WhitelistRecord()}), "host.whitelists", "no spaces"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_host_that_will_not_do_is_refused_with_the_field_and_the_fix(
    service: SupportServiceAsyncStub, change: Host, field: str, fix: str
) -> None:
    host = Host(name="sgp-01")
    host.MergeFrom(change)

    code, details, metadata = await failure(service.CreateHost(pb.CreateHostRequest(host=host)))

    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert metadata == {"field": field}
    assert fix in details


async def test_a_host_cannot_be_added_twice(service: SupportServiceAsyncStub) -> None:
    await service.CreateHost(pb.CreateHostRequest(host=WHOLE))

    code, details, metadata = await failure(
        service.CreateHost(pb.CreateHostRequest(host=Host(name="sgp-01")))
    )

    assert code is grpc.StatusCode.ALREADY_EXISTS
    assert "sonde hosts set sgp-01" in details
    assert metadata == {"host": "sgp-01"}
    assert (await service.GetHost(pb.GetHostRequest(name="sgp-01"))).host.address


@pytest.mark.parametrize("call", ["GetHost", "UpdateHost", "DeleteHost", "GetHistory"])
async def test_an_unknown_host_is_named_with_the_nearest_known_one(
    service: SupportServiceAsyncStub, call: str
) -> None:
    await create(service, "sgp-01")
    request = {
        "GetHost": pb.GetHostRequest(name="sgp-1"),
        "UpdateHost": pb.UpdateHostRequest(host=Host(name="sgp-1")),
        "DeleteHost": pb.DeleteHostRequest(name="sgp-1"),
        "GetHistory": pb.GetHistoryRequest(host="sgp-1"),
    }[call]

    code, details, _ = await failure(getattr(service, call)(request))

    assert code is grpc.StatusCode.NOT_FOUND
    assert details == 'no such host: sgp-1 (did you mean "sgp-01"?)'


async def test_every_unknown_host_of_a_diagnosis_is_named_and_nothing_is_asked(
    service: SupportServiceAsyncStub, link: FakeLink
) -> None:
    await create(service, "fine")
    request = pb.DiagnoseHostsRequest(filter=pb.HostFilter(names=["xx", "fine", "yy"]))

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        _ = [event async for event in service.DiagnoseHosts(request)]

    assert caught.value.details() == "no such host: xx, yy"
    assert link.asked == []


@pytest.mark.parametrize("seconds", [0, -1, 301, 10**11])
async def test_a_timeout_beyond_its_bounds_is_refused(
    service: SupportServiceAsyncStub, seconds: int
) -> None:
    request = pb.DiagnoseHostsRequest(timeout=Duration(seconds=seconds))

    with pytest.raises(grpc.aio.AioRpcError, match="5 minutes") as caught:
        _ = [event async for event in service.DiagnoseHosts(request)]

    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_strange_page_is_refused(service: SupportServiceAsyncStub) -> None:
    for request in (pb.ListDiagnosesRequest(page_token="x"), pb.ListDiagnosesRequest(page_size=-1)):
        code, _, _ = await failure(service.ListDiagnoses(request))
        assert code is grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.parametrize(
    ("call", "request_", "field"),
    [
        ("CreateHost", pb.CreateHostRequest(host=Host(name="a\0")), "host.name"),
        ("UpdateHost", pb.UpdateHostRequest(host=Host(name="a\0")), "host.name"),
        *(
            ("CreateHost", pb.CreateHostRequest(host=change), field)
            for change, field in (
                (Host(name="a", address="unix:/a\0"), "host.address"),
                (Host(name="a", tls_name="a\0"), "host.tls_name"),
                (Host(name="a", customer=Customer(email="l@e\0")), "host.customer.email"),
                (Host(name="a", customer=Customer(time_zone="\0")), "host.customer.time_zone"),
                (Host(name="a", labels={"k\0": ""}), "host.labels"),
                (Host(name="a", labels={"k": "\0"}), "host.labels[k]"),
                (Host(name="a", whitelists={"\0": WhitelistRecord()}), "host.whitelists"),
            )
        ),
        ("GetHost", pb.GetHostRequest(name="a\0"), "name"),
        ("DeleteHost", pb.DeleteHostRequest(name="a\0"), "name"),
        ("GetHistory", pb.GetHistoryRequest(host="a\0"), "host"),
        ("GetDiagnosis", pb.GetDiagnosisRequest(diagnosis="\0"), "diagnosis"),
        ("GetDiagnosis", pb.GetDiagnosisRequest(diagnosis="a", host="\0"), "host"),
        ("ListHosts", pb.ListHostsRequest(page_token="AA=="), "page_token"),
        *(
            ("ListHosts", pb.ListHostsRequest(filter=filter_), field)
            for filter_, field in (
                (pb.HostFilter(names=["a\0"]), "filter.names"),
                (pb.HostFilter(customer_email="a\0"), "filter.customer_email"),
                (pb.HostFilter(labels={"k": "\0"}), "filter.labels[k]"),
            )
        ),
    ],
)
async def test_a_nul_in_a_text_is_refused_with_the_field(
    service: SupportServiceAsyncStub, call: str, request_: object, field: str
) -> None:
    code, _, metadata = await failure(getattr(service, call)(request_))

    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert metadata == {"field": field}


# -- diagnoses ---------------------------------------------------------------------------------


async def test_a_diagnosis_sends_its_plan_and_one_result_per_expected_host(
    service: SupportServiceAsyncStub,
) -> None:
    await create(service, "fine", "refuses", "silent")

    plan, results = await diagnose(service)

    assert list(plan.hosts) == ["fine", "refuses", "silent"]
    assert {name: decode_result(result).status for name, result in results.items()} == {
        "fine": Contact.DIAGNOSED,
        "refuses": Contact.REFUSED,
        "silent": Contact.TIMEOUT,
    }
    assert {result.diagnosis for result in results.values()} == {plan.diagnosis}


async def test_a_listed_host_has_the_state_of_its_latest_diagnosis(
    service: SupportServiceAsyncStub, link: FakeLink
) -> None:
    await create(service, "fine", "silent", "tells", "unasked")
    await diagnose(service, "fine", "silent", "tells")
    link.tells = [each for read in CASES["withdrawals on"].readings.values() for each in read]
    await diagnose(service, "tells")

    listed = (await service.ListHosts(pb.ListHostsRequest())).hosts
    got = (await service.GetHost(pb.GetHostRequest(name="silent"))).host

    assert {host.name: host.state for host in listed} == {
        "fine": HostState.HOST_STATE_HEALTHY,
        "silent": HostState.HOST_STATE_SILENT,
        "tells": HostState.HOST_STATE_WARNING,
        "unasked": HostState.HOST_STATE_UNSPECIFIED,
    }
    assert got.state == HostState.HOST_STATE_SILENT


async def test_a_stored_diagnosis_is_what_was_sent(service: SupportServiceAsyncStub) -> None:
    await create(service, "fine", "refuses")
    plan, sent = await diagnose(service)

    stored = await service.GetDiagnosis(pb.GetDiagnosisRequest(diagnosis=plan.diagnosis))
    one = await service.GetDiagnosis(
        pb.GetDiagnosisRequest(diagnosis=plan.diagnosis, host="refuses")
    )

    assert {result.host: result for result in stored.results} == sent
    assert (stored.diagnosis.expected, stored.diagnosis.stored) == (2, 2)
    assert [result.host for result in one.results] == ["refuses"]


async def test_a_stored_diagnosis_comes_page_by_page(service: SupportServiceAsyncStub) -> None:
    await create(service, "fine-1", "fine-2", "fine-3")
    plan, _ = await diagnose(service)
    request = pb.GetDiagnosisRequest(diagnosis=plan.diagnosis, page_size=2)

    first = await service.GetDiagnosis(request)
    request.page_token = first.next_page_token
    second = await service.GetDiagnosis(request)

    assert [result.host for result in first.results] == ["fine-1", "fine-2"]
    assert [result.host for result in second.results] == ["fine-3"]
    assert not second.next_page_token


async def test_unknown_diagnoses_and_hosts_in_them_are_not_found(
    service: SupportServiceAsyncStub,
) -> None:
    await create(service, "fine")
    plan, _ = await diagnose(service)

    for request in (
        pb.GetDiagnosisRequest(diagnosis="ffffff"),
        pb.GetDiagnosisRequest(diagnosis=plan.diagnosis, host="other"),
    ):
        code, _, _ = await failure(service.GetDiagnosis(request))
        assert code is grpc.StatusCode.NOT_FOUND


async def test_diagnoses_and_histories_are_listed_newest_first_and_outlive_the_host(
    service: SupportServiceAsyncStub,
) -> None:
    await create(service, "fine")
    names = {(await diagnose(service))[0].diagnosis for _ in range(3)}
    await service.DeleteHost(pb.DeleteHostRequest(name="fine"))

    listed = await service.ListDiagnoses(pb.ListDiagnosesRequest(page_size=2))
    rest = await service.ListDiagnoses(
        pb.ListDiagnosesRequest(page_size=2, page_token=listed.next_page_token)
    )
    history = await service.GetHistory(pb.GetHistoryRequest(host="fine", page_size=2))
    older = await service.GetHistory(
        pb.GetHistoryRequest(host="fine", page_size=2, page_token=history.next_page_token)
    )

    assert {one.name for one in (*listed.diagnoses, *rest.diagnoses)} == names
    assert {one.diagnosis for one in (*history.results, *older.results)} == names
    assert not any(result.readings for result in history.results)


async def test_a_client_that_goes_stops_the_calls_and_what_was_stored_stays(
    service: SupportServiceAsyncStub, link: FakeLink
) -> None:
    await create(service, "fine", "silent-1", "silent-2")
    call = service.DiagnoseHosts(pb.DiagnoseHostsRequest(timeout=Duration(seconds=60)))
    events = aiter(call)
    plan = (await anext(events)).plan
    assert (await anext(events)).result.host == "fine"

    call.cancel()
    await link.until_running(0)

    stored = await service.GetDiagnosis(pb.GetDiagnosisRequest(diagnosis=plan.diagnosis))
    assert [result.host for result in stored.results] == ["fine"]
    assert stored.diagnosis.expected == 3
