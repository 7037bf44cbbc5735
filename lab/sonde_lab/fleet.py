"""A simulated fleet: one process that answers for many agents at once, with canned evidence.

It exists to measure the service: it serves as an agent does, and measures nothing. Run as
`python -m sonde_lab.fleet COUNT`: it prints one JSON list of addresses, and ends when its standard
input does.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from itertools import cycle
from typing import Any

import grpc

from sonde.agent.v1.agent_service_pb2 import (
    DESCRIPTOR,
    CollectEvidenceRequest,
    CollectEvidenceResponse,
)
from sonde_core.readings import (
    HOST,
    SIGNED_KINDS,
    SPOT,
    USDM,
    AccountStatus,
    AgentSettings,
    Answer,
    Closure,
    EchoedAddress,
    ExchangeTime,
    Facts,
    Failure,
    FailureReason,
    KeyFacts,
    KeyPermissions,
    KeyType,
    Kind,
    NtpSample,
    Reading,
    SigningClock,
    Subject,
    TradingFlags,
    Value,
    WeightUse,
    WhitelistRecord,
)
from sonde_wire.readings import encode
from sonde_wire.serving import bind, new_server

_SERVICE = DESCRIPTOR.services_by_name["AgentService"].full_name
_MAIN = Subject("account", "main")
_HERE = ip_address("203.0.113.7")
_MS = timedelta(milliseconds=1)

_Fact = tuple[Kind, Subject, Value]


def canned_evidence(now: datetime) -> list[CollectEvidenceResponse]:
    """Return what hosts would send: sound, clock ahead, not whitelisted, withdrawals on, banned."""
    sound = _Host(now)
    return [
        sound.message(),
        sound.message(clock=1_503 * _MS),
        sound.message(listed="198.51.100.7", refused=True),
        sound.message(withdrawals=True),
        sound.message(banned=True),
    ]


class _Host:
    """Writes down what is read on a host at one instant."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def message(
        self,
        *,
        clock: timedelta = 2 * _MS,
        listed: str = str(_HERE),
        refused: bool = False,
        withdrawals: bool = False,
        banned: bool = False,
    ) -> CollectEvidenceResponse:
        """Return all that is read."""
        values = [
            *self._surroundings(clock),
            *_endpoints(clock),
            *_key(listed),
            *(_gates(self._now) if banned else ()),
        ]
        if refused:
            values += _refused_tests()
        elif banned:
            values += _withheld_tests()
        else:
            values += _passed_tests(self._now, withdrawals=withdrawals)
        return CollectEvidenceResponse(readings=[encode(self._reading(*value)) for value in values])

    def _surroundings(self, clock: timedelta) -> Iterator[_Fact]:
        yield Kind.SETTINGS, HOST, AgentSettings(version="0.1.0", recv_window=5_000 * _MS)
        for number in range(3):
            yield Kind.NTP, Subject("source", f"{number}.ntp.example"), _sample(clock, number)
        closed = Failure(FailureReason.TIMEOUT, "no answer from 192.0.2.1:123 within 2 s")
        yield Kind.NTP, Subject("source", "3.ntp.example"), closed
        for name in ("one", "two"):
            echo = Subject("echo", f"{name}.example")
            yield Kind.ECHO_IPV4, echo, EchoedAddress(_HERE)
            yield Kind.ECHO_IPV6, echo, Failure(FailureReason.NO_ADDRESS, "network unreachable")

    def _reading(self, kind: Kind, subject: Subject, value: Value) -> Reading:
        return Reading(kind=kind, subject=subject, time=self._now, elapsed=21 * _MS, value=value)


def _sample(clock: timedelta, number: int) -> NtpSample:
    return NtpSample(
        offset=clock + number * timedelta(microseconds=120),
        delay=(3 + number) * _MS,
        root_delay=4 * _MS,
        root_dispersion=2 * _MS,
        stratum=2,
        reference_id="192.0.2.17",
        samples=4,
    )


def _endpoints(clock: timedelta) -> Iterator[_Fact]:
    for endpoint, limit in ((USDM, 2_400), (SPOT, 6_000)):
        yield Kind.PUBLIC_CALL, endpoint, Answer(status=200, latency=21 * _MS, used_weight=41)
        yield Kind.EXCHANGE_TIME, endpoint, ExchangeTime(offset=clock, round_trip=20 * _MS)
        yield Kind.WEIGHT, endpoint, WeightUse(used=412, own=9, limit=limit)


def _gates(now: datetime) -> Iterator[_Fact]:
    for endpoint in (USDM, SPOT):
        until = now + timedelta(hours=1)
        yield Kind.GATE, endpoint, Closure(status=418, until=until, since=now - 5 * _MS)


def _key(listed: str) -> Iterator[_Fact]:
    facts = KeyFacts(type=KeyType.HMAC, last4="Ab3d", fingerprint="0123456789abcdef")
    yield Kind.KEY, _MAIN, facts
    record = WhitelistRecord(entries=(ip_network(listed),), recorded_by="agent configuration")
    yield Kind.WHITELIST, _MAIN, record


def _refused_tests() -> Iterator[_Fact]:
    text = f"Invalid API-key, IP, or permissions for action, request ip: {_HERE}"
    answer = Answer(status=401, code=-2015, message=text, request_ip=_HERE, latency=19 * _MS)
    for kind in SIGNED_KINDS:
        yield kind, _MAIN, answer


def _withheld_tests() -> Iterator[_Fact]:
    for kind in SIGNED_KINDS:
        yield kind, _MAIN, Failure(FailureReason.WITHHELD, "banned")


def _passed_tests(now: datetime, *, withdrawals: bool) -> Iterator[_Fact]:
    trading = TradingFlags(can_trade=True)
    facts: dict[Kind, Facts] = {
        Kind.API_RESTRICTIONS: _permissions(now, withdrawals=withdrawals),
        Kind.ACCOUNT_STATUS: AccountStatus("Normal"),
        Kind.FUTURES_ACCOUNT: trading,
        Kind.SPOT_ACCOUNT: trading,
    }
    for kind in SIGNED_KINDS:
        answer = Answer(
            status=200,
            latency=22 * _MS,
            clock=SigningClock.HOST,
            timestamp=now,
            used_weight=46,
            facts=facts.get(kind),
        )
        yield kind, _MAIN, answer


def _permissions(now: datetime, *, withdrawals: bool) -> KeyPermissions:
    granted = {"enableReading", "enableFutures", "enableSpotAndMarginTrading"}
    withheld = {"enableMargin", "enableInternalTransfer", "permitsUniversalTransfer"}
    (granted if withdrawals else withheld).add("enableWithdrawals")
    return KeyPermissions(
        ip_restricted=True,
        granted=frozenset(granted),
        withheld=frozenset(withheld),
        created=now - timedelta(days=100),
    )


def _handler() -> grpc.GenericRpcHandler:
    answers = cycle(canned_evidence(datetime.now(UTC)))

    async def collect(_request: object, _context: object) -> AsyncIterator[CollectEvidenceResponse]:
        yield next(answers)

    method: Any = grpc.unary_stream_rpc_method_handler(
        collect,
        request_deserializer=CollectEvidenceRequest.FromString,
        response_serializer=CollectEvidenceResponse.SerializeToString,
    )
    return grpc.method_handlers_generic_handler(_SERVICE, {"CollectEvidence": method})


async def serve(count: int) -> None:
    """Answer on `count` loopback ports until standard input ends."""
    server = new_server(max_concurrent_streams=16, max_receive_bytes=1 << 16)
    server.add_generic_rpc_handlers((_handler(),))
    addresses = [bind(server, "127.0.0.1:0") for _ in range(count)]
    await server.start()
    sys.stdout.write(json.dumps(addresses) + "\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    await server.stop(None)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
