# ruff: noqa: ARG002, N802 - gRPC calls these methods, by the names in the contract
"""A support service that remembers hosts and answers with the cases of the rules' tests."""

import asyncio
from collections.abc import AsyncIterator, Mapping

import grpc.aio
from google.protobuf.timestamp_pb2 import Timestamp

from sonde.support.v1 import support_service_pb2 as pb
from sonde.support.v1.diagnosis_pb2 import HostResult
from sonde.support.v1.host_pb2 import Host
from sonde.support.v1.support_service_pb2_grpc import SupportServiceServicer
from sonde_core.errors import AlreadyExistsError, NotFoundError, UnavailableError
from sonde_core.evidence import Evidence
from sonde_core.history import Change
from sonde_core.history.engines import EngineReports
from sonde_wire.engine_reports import encode_engine_reports
from sonde_wire.readings import encode
from sonde_wire.results import encode_change, encode_result
from tests.core.cases import CASES
from tests.core.hosts import NOW
from tests.core.reports import DIAGNOSIS, report_of

Context = grpc.aio.ServicerContext[object, object]


def result_of(host: str, evidence: Evidence) -> HostResult:
    """Return the message for a host with some evidence."""
    readings = [encode(r) for group in evidence.readings.values() for r in group]
    return encode_result(report_of(evidence, host), readings)


class FakeSupport(SupportServiceServicer):
    """Knows hosts by name, and what is the matter with them."""

    def __init__(self) -> None:
        self.hosts: dict[str, Host] = {}
        self.evidence: dict[str, Evidence] = {}
        self.changes: list[Change] = []
        """What the diagnosis saw change on any host, newest first."""
        self.engines: list[EngineReports] = []
        """What engines told on any host, newest first."""
        self.more_of_engines = False
        self.stop_after: int | None = None
        """Send so many results of a diagnosis, then wait."""
        self.waiting = asyncio.Event()
        """Set while a diagnosis waits."""
        self.go_on = asyncio.Event()
        self.breaks = False
        """After the wait, the service fails."""
        self.requests: list[pb.DiagnoseHostsRequest] = []

    def has(self, cases: Mapping[str, str]) -> None:
        """Add hosts that are as cases say."""
        for name, case in cases.items():
            self.hosts[name] = Host(name=name, address=f"unix:/run/{name}.sock")
            self.evidence[name] = CASES[case]

    def results(self) -> list[HostResult]:
        """Return the result of every host, by name."""
        return [result_of(name, evidence) for name, evidence in sorted(self.evidence.items())]

    async def CreateHost(
        self, request: pb.CreateHostRequest, context: Context
    ) -> pb.CreateHostResponse:
        if request.host.name in self.hosts:
            raise AlreadyExistsError(f"host {request.host.name} exists", host=request.host.name)
        self.hosts[request.host.name] = request.host
        return pb.CreateHostResponse(host=request.host)

    async def ExplainFailure(
        self, request: pb.ExplainFailureRequest, context: Context
    ) -> pb.ExplainFailureResponse:
        raise UnavailableError("nothing is explained here")

    async def ListCauses(
        self, request: pb.ListCausesRequest, context: Context
    ) -> pb.ListCausesResponse:
        return pb.ListCausesResponse()

    async def GetHost(self, request: pb.GetHostRequest, context: Context) -> pb.GetHostResponse:
        return pb.GetHostResponse(host=self._host(request.name))

    async def UpdateHost(
        self, request: pb.UpdateHostRequest, context: Context
    ) -> pb.UpdateHostResponse:
        self._host(request.host.name).CopyFrom(request.host)
        return pb.UpdateHostResponse(host=request.host)

    async def DeleteHost(
        self, request: pb.DeleteHostRequest, context: Context
    ) -> pb.DeleteHostResponse:
        del self.hosts[self._host(request.name).name]
        return pb.DeleteHostResponse()

    async def ListHosts(
        self, request: pb.ListHostsRequest, context: Context
    ) -> pb.ListHostsResponse:
        """Return one host per page."""
        chosen = self._chosen(request.filter)
        page = int(request.page_token or 0)
        token = str(page + 1) if page + 1 < len(chosen) else ""
        hosts = [self.hosts[name] for name in chosen[page : page + 1]]
        return pb.ListHostsResponse(hosts=hosts, next_page_token=token)

    async def DiagnoseHosts(
        self, request: pb.DiagnoseHostsRequest, context: Context
    ) -> AsyncIterator[pb.DiagnoseHostsResponse]:
        self.requests.append(request)
        names = self._chosen(request.filter)
        yield pb.DiagnoseHostsResponse(plan=pb.DiagnosisPlan(diagnosis=DIAGNOSIS, hosts=names))
        for number, name in enumerate(names):
            if number == self.stop_after:
                self.waiting.set()
                await self.go_on.wait()
                if self.breaks:
                    raise UnavailableError("the database is locked")
            yield pb.DiagnoseHostsResponse(result=result_of(name, self.evidence[name]))

    async def GetDiagnosis(
        self, request: pb.GetDiagnosisRequest, context: Context
    ) -> pb.GetDiagnosisResponse:
        """Return one result per page."""
        if request.diagnosis != DIAGNOSIS:
            raise NotFoundError(f"no such diagnosis: {request.diagnosis}")
        time = Timestamp()
        time.FromDatetime(NOW)
        results = [r for r in self.results() if request.host in {"", r.host}]
        stored = pb.Diagnosis(
            name=DIAGNOSIS, create_time=time, expected=len(self.hosts), stored=len(self.evidence)
        )
        page = int(request.page_token or 0)
        token = str(page + 1) if page + 1 < len(results) else ""
        return pb.GetDiagnosisResponse(
            diagnosis=stored, results=results[page : page + 1], next_page_token=token
        )

    async def ListDiagnoses(
        self, request: pb.ListDiagnosesRequest, context: Context
    ) -> pb.ListDiagnosesResponse:
        return pb.ListDiagnosesResponse()

    async def GetHistory(
        self, request: pb.GetHistoryRequest, context: Context
    ) -> pb.GetHistoryResponse:
        """Return two pages of the same result and changes."""
        self._host(request.host)
        return pb.GetHistoryResponse(
            results=[r for r in self.results() if r.host == request.host],
            changes=[encode_change(change, DIAGNOSIS) for change in self.changes],
            engine_reports=[encode_engine_reports(each) for each in self.engines],
            more_engine_reports=self.more_of_engines,
            next_page_token="" if request.page_token else "more",
        )

    def _host(self, name: str) -> Host:
        if name not in self.hosts:
            raise NotFoundError(f"no such host: {name}", host=name)
        return self.hosts[name]

    def _chosen(self, wanted: pb.HostFilter) -> list[str]:
        names = [self._host(name).name for name in wanted.names] or list(self.hosts)
        labels = wanted.labels.items()
        return sorted(
            name
            for name in names
            if wanted.customer_email in {"", self.hosts[name].customer.email}
            and all(self.hosts[name].labels[key] == value for key, value in labels)
        )
