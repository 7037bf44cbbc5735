"""SupportService: check the request, do it, encode the answer."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

import grpc.aio
from sqlalchemy import Connection

from sonde.agent.v1.agent_service_pb2 import CollectEvidenceResponse
from sonde.support.v1 import support_service_pb2 as pb
from sonde.support.v1.diagnosis_pb2 import HostResult
from sonde.support.v1.support_service_pb2_grpc import SupportServiceServicer
from sonde_core.answer import answer as put_into_words
from sonde_core.catalogue import CATALOGUE
from sonde_core.errors import AlreadyExistsError, NotFoundError
from sonde_core.explainer import explain
from sonde_core.findings import HostState
from sonde_core.history import Change
from sonde_core.order_numbers import numbers_of
from sonde_core.words import Words
from sonde_service.diagnosing import Diagnoser
from sonde_service.engine_history import told_by_engines
from sonde_service.hosts import Host, HostFilter
from sonde_service.known import require_known
from sonde_service.links import AgentLink
from sonde_service.live_limits import live_numbers
from sonde_service.packing import unpack
from sonde_service.paging import cut, page_size, read_time_token, read_token, time_key
from sonde_service.requests import (
    decode_filter,
    decode_host,
    decode_language,
    decode_limit,
    decode_sought,
    decode_text,
    encode_host,
)
from sonde_service.store.diagnoses import DiagnosesStore, StoredDiagnosis, StoredResult
from sonde_service.store.history import HistoryStore
from sonde_service.store.hosts import HostsStore
from sonde_service.store.store import Store
from sonde_wire.engine_reports import encode_engine_reports
from sonde_wire.explanations import encode_answer, encode_cause
from sonde_wire.results import encode_change, encode_result
from sonde_wire.times import to_timestamp

Context = grpc.aio.ServicerContext[object, object]

SERVICE = pb.DESCRIPTOR.services_by_name["SupportService"].full_name

_HOSTS_PAGE = 1_000
_RESULTS_PAGE = 1_000
_DEFAULT_PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportServer(SupportServiceServicer):
    """Answers support staff."""

    store: Store
    diagnoser: Diagnoser
    link: AgentLink
    """For what is asked of one agent beside a diagnosis."""
    limit: timedelta
    """How long one host may take, unless the request says otherwise."""
    now: Callable[[], datetime]

    async def CreateHost(
        self, request: pb.CreateHostRequest, context: Context
    ) -> pb.CreateHostResponse:
        """Add a host."""
        host = decode_host(request.host, self.now())
        return pb.CreateHostResponse(host=encode_host(await self.store.write(partial(_add, host))))

    async def GetHost(self, request: pb.GetHostRequest, context: Context) -> pb.GetHostResponse:
        """Return one host."""
        name = decode_sought(request.name, "name")
        host = await self.store.read(partial(_get, name))
        return pb.GetHostResponse(host=encode_host(host))

    async def ListHosts(
        self, request: pb.ListHostsRequest, context: Context
    ) -> pb.ListHostsResponse:
        """Return one page of hosts."""
        size = page_size(request.page_size, _HOSTS_PAGE)
        after = read_token(request.page_token)
        wanted = decode_filter(request.filter)
        found = await self.store.read(partial(_find, wanted, after, size + 1))
        hosts, token = cut(found, size, encode_host, lambda host: host.name)
        return pb.ListHostsResponse(hosts=hosts, next_page_token=token)

    async def UpdateHost(
        self, request: pb.UpdateHostRequest, context: Context
    ) -> pb.UpdateHostResponse:
        """Replace a host."""
        host = decode_host(request.host, self.now())
        stored = await self.store.write(partial(_replace, host))
        return pb.UpdateHostResponse(host=encode_host(stored))

    async def DeleteHost(
        self, request: pb.DeleteHostRequest, context: Context
    ) -> pb.DeleteHostResponse:
        """Remove a host."""
        name = decode_sought(request.name, "name")
        await self.store.write(partial(_remove, name))
        return pb.DeleteHostResponse()

    async def DiagnoseHosts(
        self, request: pb.DiagnoseHostsRequest, context: Context
    ) -> AsyncIterator[pb.DiagnoseHostsResponse]:
        """Send the plan, then each result when it is durable."""
        wanted = decode_filter(request.filter)
        limit = decode_limit(request, self.limit)
        plan = await self.diagnoser.plan(wanted)
        names = [host.name for host in plan.hosts]
        yield pb.DiagnoseHostsResponse(plan=pb.DiagnosisPlan(diagnosis=plan.name, hosts=names))
        async for one in self.diagnoser.run(plan, limit):
            result = encode_result(one.report, one.evidence.readings)
            yield pb.DiagnoseHostsResponse(result=result)

    async def GetDiagnosis(
        self, request: pb.GetDiagnosisRequest, context: Context
    ) -> pb.GetDiagnosisResponse:
        """Return one page of a diagnosis's results."""
        size = page_size(request.page_size, _RESULTS_PAGE)
        after = read_token(request.page_token)
        name = decode_sought(request.diagnosis, "diagnosis")
        host = decode_sought(request.host, "host")
        diagnosis, rows = await self.store.read(partial(_results, name, host, after, size + 1))
        results, token = cut(rows, size, _result_with_readings, lambda row: row.host)
        return pb.GetDiagnosisResponse(
            diagnosis=_diagnosis(diagnosis), results=results, next_page_token=token
        )

    async def ListDiagnoses(
        self, request: pb.ListDiagnosesRequest, context: Context
    ) -> pb.ListDiagnosesResponse:
        """Return one page of diagnoses."""
        size = page_size(request.page_size, _DEFAULT_PAGE)
        before = read_time_token(request.page_token)
        rows = await self.store.read(lambda tx: DiagnosesStore(tx).page(before, size + 1))
        diagnoses, token = cut(rows, size, _diagnosis, lambda row: time_key(row.created, row.name))
        return pb.ListDiagnosesResponse(diagnoses=diagnoses, next_page_token=token)

    async def GetHistory(
        self, request: pb.GetHistoryRequest, context: Context
    ) -> pb.GetHistoryResponse:
        """Return one page of a host's results, what changed meanwhile, and what engines told."""
        size = page_size(request.page_size, _DEFAULT_PAGE)
        before = read_time_token(request.page_token)
        host = decode_sought(request.host, "host")
        pages = await self.store.read(partial(_history, host, before, size + 1))
        parts, token = cut(pages, size, _history_part, _history_key)
        since = pages[len(parts) - 1][0].time if token else None
        told = await self.store.read(
            partial(told_by_engines, host, since, before[0] if before else None)
        )
        answer = pb.GetHistoryResponse(
            next_page_token=token,
            engine_reports=[encode_engine_reports(each) for each in told.entries],
            more_engine_reports=told.more,
        )
        for part in parts:
            answer.MergeFrom(part)
        # A ban may have begun before an earlier diagnosis that could not see it.
        answer.changes.sort(key=lambda change: change.time.ToNanoseconds(), reverse=True)
        return answer

    async def ExplainFailure(
        self, request: pb.ExplainFailureRequest, context: Context
    ) -> pb.ExplainFailureResponse:
        """Say what a text means."""
        text = decode_text(request)
        words = Words(decode_language(request.language))
        explanation = explain(text)
        if request.host:
            name = decode_sought(request.host, "host")
            host = await self.store.read(partial(_get, name))
            numbers = await live_numbers(self.link, host, explanation, text, self.limit)
        else:
            numbers = numbers_of(explanation, text)
        said = put_into_words(explanation, words, self.now(), numbers)
        return pb.ExplainFailureResponse(explanation=encode_answer(said))

    async def ListCauses(
        self, request: pb.ListCausesRequest, context: Context
    ) -> pb.ListCausesResponse:
        """Return every cause, those first that hide others."""
        words = Words(decode_language(request.language))
        causes = CATALOGUE.causes.values()
        return pb.ListCausesResponse(causes=[encode_cause(cause, words) for cause in causes])


_Seen = tuple[StoredResult, Sequence[Change]]
"""A host's result in one diagnosis, and what that diagnosis saw change, newest first."""


# -- each within one transaction ---------------------------------------------------------------


def _add(host: Host, transaction: Connection) -> Host:
    if not HostsStore(transaction).add(host):
        raise AlreadyExistsError(
            f"host {host.name} exists; change it with `sonde hosts set {host.name}`",
            host=host.name,
        )
    return _get(host.name, transaction)


def _replace(host: Host, transaction: Connection) -> Host:
    require_known(frozenset({host.name}), transaction)
    HostsStore(transaction).replace(host)
    return _get(host.name, transaction)


def _remove(name: str, transaction: Connection) -> None:
    require_known(frozenset({name}), transaction)
    HostsStore(transaction).remove(name)


def _get(name: str, transaction: Connection) -> Host:
    (host,) = _find(HostFilter(names=frozenset({name})), "", 1, transaction)
    return host


def _find(wanted: HostFilter, after: str, limit: int, transaction: Connection) -> tuple[Host, ...]:
    require_known(wanted.names, transaction)
    hosts = HostsStore(transaction).find(wanted, after=after, limit=limit)
    latest = DiagnosesStore(transaction).latest([host.name for host in hosts])
    states = {row.host: _state(row) for row in latest}
    return tuple(replace(host, state=states.get(host.name)) for host in hosts)


def _state(row: StoredResult) -> HostState:
    # Most hosts are well, and reading their reports would take longer than all else here.
    return HostState.HEALTHY if row.healthy else unpack(row.result).state


def _results(
    name: str, host: str, after: str, limit: int, transaction: Connection
) -> tuple[StoredDiagnosis, tuple[StoredResult, ...]]:
    store = DiagnosesStore(transaction)
    diagnosis = store.get(name)
    if diagnosis is None:
        raise NotFoundError(f"no such diagnosis: {name}", diagnosis=name)
    rows = store.results(name, host=host, after=after, limit=limit)
    if host and not rows:
        raise NotFoundError(f"diagnosis {name} has no result of host {host}", host=host)
    return diagnosis, tuple(rows)


def _history(
    host: str, before: tuple[datetime, str] | None, limit: int, transaction: Connection
) -> tuple[_Seen, ...]:
    rows = DiagnosesStore(transaction).history(host, before, limit)
    if not rows:
        # The history of a removed host stays; a name that never was is an error.
        require_known(frozenset({host}), transaction)
    changes: dict[str, list[Change]] = {}
    for one in HistoryStore(transaction).changes(host, [row.diagnosis for row in rows]):
        changes.setdefault(one.diagnosis, []).append(one.change)
    return tuple((row, changes.get(row.diagnosis, [])) for row in rows)


# -- rows to messages --------------------------------------------------------------------------


def _diagnosis(row: StoredDiagnosis) -> pb.Diagnosis:
    return pb.Diagnosis(
        name=row.name,
        create_time=to_timestamp(row.created),
        expected=row.expected,
        stored=row.stored,
        healthy=row.healthy,
    )


def _result(row: StoredResult) -> HostResult:
    return encode_result(unpack(row.result), ())


def _result_with_readings(row: StoredResult) -> HostResult:
    evidence = CollectEvidenceResponse.FromString(row.readings)
    return encode_result(unpack(row.result), evidence.readings)


def _history_part(seen: _Seen) -> pb.GetHistoryResponse:
    result, changes = seen
    return pb.GetHistoryResponse(
        results=[_result(result)],
        changes=[encode_change(change, result.diagnosis) for change in changes],
    )


def _history_key(seen: _Seen) -> str:
    return time_key(seen[0].time, seen[0].diagnosis)
