"""SupportService over a real socket."""

from __future__ import annotations

from typing import TYPE_CHECKING

import grpc.aio
from google.protobuf.duration_pb2 import Duration

from sonde.agent.v1.reading_pb2 import WhitelistRecord
from sonde.support.v1 import support_service_pb2 as pb
from sonde.support.v1.diagnosis_pb2 import HostResult
from sonde.support.v1.host_pb2 import Customer, Host, HostState
from sonde_core.evidence import Contact
from sonde_wire.results import decode_result
from tests.core.cases import CASES
from tests.service.kept import NOON
from tests.service.links import FakeLink
from tests.service.serving import create, failure

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
