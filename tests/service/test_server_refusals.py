"""What SupportService refuses, with the field and the fix."""

from __future__ import annotations

from typing import TYPE_CHECKING

import grpc.aio
import pytest
from google.protobuf.duration_pb2 import Duration

from sonde.agent.v1.reading_pb2 import WhitelistRecord
from sonde.support.v1 import support_service_pb2 as pb
from sonde.support.v1.host_pb2 import Customer, Host
from tests.service.links import FakeLink
from tests.service.serving import create, failure

if TYPE_CHECKING:
    from sonde.support.v1.support_service_pb2_grpc import SupportServiceAsyncStub


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
    known = Host(name="sgp-01", address="127.0.0.1:7443")
    await service.CreateHost(pb.CreateHostRequest(host=known))

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
