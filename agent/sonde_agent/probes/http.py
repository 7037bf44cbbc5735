"""One HTTP request, bounded in time and size, and what can go wrong with it."""

import asyncio
import socket
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import certifi
import httpcore

from sonde_agent.redaction import redact
from sonde_agent.stopwatch import Stopwatch
from sonde_core import __version__
from sonde_core.readings import Address, Failure, FailureReason

HEADERS = {
    "Accept": "*/*",
    # A compressed answer could grow without bound when it is unpacked.
    "Accept-Encoding": "identity",
    "User-Agent": f"sonde/{__version__}",
}
_CONNECT_TIMEOUT_S = 2.0
_RESOLVE_TIMEOUT = timedelta(seconds=2)
LONGEST_DETAIL = 500


class AnswerUnusableError(Exception):
    """An answer came that cannot be used."""


class _DisconnectedError(httpcore.RemoteProtocolError):
    """The server closed the connection without an answer."""


class _UnresolvedError(httpcore.ConnectError):
    """The name of the server, or of the proxy, has no address that is known here."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for, in ASCII. It goes out as it stands: what was signed must not change."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Beside those of every request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """A connection that was made for a request, directly or through a proxy."""

    name: str
    """What was looked up; empty where it is an address already."""
    addresses: tuple[Address, ...]
    resolve: timedelta
    connect: timedelta
    tls: timedelta | None
    peer: Address | None
    certificate: Mapping[str, Any] | None
    """What the other end showed and somebody vouched for, as `ssl` tells it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """An answer, and when it was asked for and came, counted from the caller's start."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    sent: timedelta
    """When the first byte of the request went out: connecting is over by then."""
    answered: timedelta
    """When the answer's headers had come."""
    read: timedelta
    """When its last byte had come."""
    connection: Connection | None = None
    """None where one was kept from a request before."""


@dataclass(slots=True)
class Trace:
    """Notes what happens to a request. A proxy's own handshake is overwritten by what follows.

    Names are resolved here, before the library does it: its limit on connecting would not tell a
    silent name server from a silent exchange.
    """

    stopwatch: Stopwatch
    sent: timedelta = timedelta()
    answered: timedelta = timedelta()
    _name: str = ""
    _addresses: tuple[Address, ...] = ()
    _stream: Any = None
    """None where no connection was made."""
    _since: timedelta = timedelta()
    _resolve: timedelta = timedelta()
    _connect: timedelta = timedelta()
    _tls: timedelta | None = None

    async def __call__(self, event: str, info: Mapping[str, Any]) -> None:
        """Note an event, as the library calls it."""
        if event == "connection.connect_tcp.started":
            await self._look_up(info["host"], info["port"])
        elif event.endswith("start_tls.started"):
            self._since = self.stopwatch.elapsed
        elif event == "connection.connect_tcp.complete":
            self._stream, self._connect = info["return_value"], self._lap()
        elif event.endswith("start_tls.complete"):
            self._stream, self._tls = info["return_value"], self._lap()
        elif event.endswith("send_request_headers.started"):
            self.sent = self.stopwatch.elapsed
        elif event.endswith("receive_response_headers.complete"):
            self.answered = self.stopwatch.elapsed

    async def _look_up(self, host: str, port: int) -> None:
        self._since = self.stopwatch.elapsed
        found = await resolve(host, port)
        self._resolve = self._lap()
        addresses = tuple(dict.fromkeys(ip_address(address[0]) for _, address in found))
        self._name = "" if is_address(host) else host
        self._addresses = addresses if self._name else ()

    def _lap(self) -> timedelta:
        before, self._since = self._since, self.stopwatch.elapsed
        return self._since - before

    def connection(self) -> Connection | None:
        """Return the connection that was made, if one was."""
        if self._stream is None:
            return None
        tls = self._stream.get_extra_info("ssl_object")
        peer = self._stream.get_extra_info("server_addr")
        return Connection(
            name=self._name,
            addresses=self._addresses,
            resolve=self._resolve,
            connect=self._connect,
            tls=self._tls,
            peer=ip_address(peer[0]) if peer else None,
            certificate=tls.getpeercert() if tls else None,
        )


def is_address(host: str) -> bool:
    """Tell whether nothing has to be looked up."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


async def resolve(host: str, port: int) -> list[tuple[socket.AddressFamily, Any]]:
    """Return a host's addresses and their families. Raises one of `EXPECTED`."""
    try:
        version_ = ip_address(host).version
    except ValueError:
        return await _look_up(host, port)
    return [(socket.AF_INET if version_ == 4 else socket.AF_INET6, (host, port))]  # noqa: PLR2004


async def _look_up(host: str, port: int) -> list[tuple[socket.AddressFamily, Any]]:
    try:
        async with asyncio.timeout(_RESOLVE_TIMEOUT.total_seconds()):
            found = await asyncio.get_running_loop().getaddrinfo(
                host, port, type=socket.SOCK_STREAM
            )
    except TimeoutError as error:
        seconds = _RESOLVE_TIMEOUT.total_seconds()
        raise _UnresolvedError(f"no answer from the name server within {seconds:g} s") from error
    except (socket.gaierror, UnicodeError) as error:
        raise _UnresolvedError(getattr(error, "strerror", None) or str(error)) from error
    return [(info[0], info[4]) for info in found]


async def fetch(
    client: httpcore.AsyncConnectionPool,
    request: Request,
    stopwatch: Stopwatch,
    *,
    most: int,
    within: timedelta,
    trace: Trace | None = None,
) -> Fetched:
    """Send a request and read its answer, at most so many bytes within so much time.

    A trace tells of the connection even where no answer comes over it. Raises one of `EXPECTED`,
    which `failure_of` translates.
    """
    trace = trace or Trace(stopwatch)
    async with asyncio.timeout(within.total_seconds()):
        response = await _answer(client, request, trace)
        connection, headers = trace.connection(), _headers(response)
        try:
            body = await _bounded(response, headers, most)
        finally:
            await response.aclose()
    return Fetched(
        status=response.status,
        headers=headers,
        body=body,
        sent=trace.sent,
        answered=trace.answered,
        read=stopwatch.elapsed,
        connection=connection,
    )


async def _answer(
    client: httpcore.AsyncConnectionPool, request: Request, trace: Trace
) -> httpcore.Response:
    headers = {"Host": urlsplit(request.url).netloc, **HEADERS, **request.headers}
    if request.method == "POST":
        headers["Content-Length"] = "0"
    try:
        return await client.handle_async_request(
            httpcore.Request(
                request.method,
                request.url,
                headers=list(headers.items()),
                extensions={"trace": trace, "timeout": {"connect": _CONNECT_TIMEOUT_S}},
            )
        )
    except httpcore.RemoteProtocolError as error:
        # The library tells a lost connection from a broken answer by this text alone.
        if "disconnected" in str(error):
            raise _DisconnectedError(str(error)) from error
        raise


def _headers(response: httpcore.Response) -> dict[str, str]:
    """Return an answer's headers; one that comes twice is a list (RFC 9110 section 5.3)."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in response.headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


async def _bounded(response: httpcore.Response, headers: Mapping[str, str], most: int) -> bytes:
    encoding = headers.get("content-encoding", "identity")
    if encoding != "identity":
        raise AnswerUnusableError(
            f"the answer is packed ({redact(encoding)[:20]!r}), which was not asked for"
        )
    body = bytearray()
    async for chunk in response.aiter_stream():
        body += chunk
        if len(body) > most:
            raise AnswerUnusableError(f"the answer is longer than {most} bytes")
    return bytes(body)


def public_tls() -> ssl.SSLContext:
    """Return TLS that takes the certificates that the public takes, whatever this host trusts."""
    return ssl.create_default_context(cafile=certifi.where())


def unproven_tls() -> ssl.SSLContext:
    """Return TLS that takes any certificate: for questions whose answer proves nothing anyway."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def new_client(
    *,
    tls: ssl.SSLContext,
    proxy: str | None = None,
    local_address: str | None = None,
) -> httpcore.AsyncConnectionPool:
    """Return a client that goes where it is told: no environment, no redirects, no retries."""
    return httpcore.AsyncConnectionPool(
        ssl_context=tls,
        proxy=httpcore.Proxy(proxy, ssl_context=tls) if proxy else None,
        local_address=local_address,
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Return an error and everything that it came from, the outermost first."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        current = waiting.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        if isinstance(current, BaseExceptionGroup):
            waiting.extend(current.exceptions)
        waiting.extend(e for e in (current.__cause__, current.__context__) if e)


# Most specific first: of the whole chain of causes, the first row that fits anything decides.
_REASONS: tuple[tuple[type[BaseException], FailureReason], ...] = (
    (AnswerUnusableError, FailureReason.ANSWER),
    (_UnresolvedError, FailureReason.DNS),
    (ssl.SSLError, FailureReason.TLS),
    (_DisconnectedError, FailureReason.CONNECTION),
    (httpcore.RemoteProtocolError, FailureReason.ANSWER),
    (httpcore.TimeoutException, FailureReason.TIMEOUT),
    (TimeoutError, FailureReason.TIMEOUT),
    (httpcore.NetworkError, FailureReason.CONNECTION),
    (httpcore.ProtocolError, FailureReason.CONNECTION),
    (httpcore.ProxyError, FailureReason.CONNECTION),
)
_OUT_OF_TIME = {
    9: FailureReason.CERTIFICATE_NOT_YET_VALID,
    10: FailureReason.CERTIFICATE_EXPIRED,
}
"""X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED of OpenSSL."""
EXPECTED = (
    AnswerUnusableError,
    TimeoutError,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.TimeoutException,
)
"""What `fetch` raises when something outside is at fault."""


def failure_of(error: Exception, within: timedelta) -> Failure:
    """Translate what `fetch` raised. Its text never holds the URL, which may be signed."""
    chain = list(_chain(error))
    for class_, reason in _REASONS:
        for link in chain:
            if isinstance(link, class_):
                return Failure(_certificate(link) or reason, _detail(reason, chain, link, within))
    raise error


def _certificate(error: BaseException) -> FailureReason | None:
    """Return how a certificate is out of its time, if that is why it was refused."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _OUT_OF_TIME.get(error.verify_code)
    return None


def _detail(
    reason: FailureReason, chain: list[BaseException], link: BaseException, within: timedelta
) -> str:
    if reason is FailureReason.TIMEOUT:
        if isinstance(link, httpcore.ConnectTimeout):
            return f"no connection within {_CONNECT_TIMEOUT_S:g} s"
        return f"no complete answer within {within.total_seconds():g} s"
    if reason is FailureReason.CONNECTION:
        # The system's own words ("Connection refused") say more than the library's.
        system = [e.strerror for e in chain if isinstance(e, OSError) and e.strerror]
        return redact(system[-1] if system else str(link))[:LONGEST_DETAIL]
    text = getattr(link, "verify_message", None) or getattr(link, "strerror", None) or str(link)
    return redact(text)[:LONGEST_DETAIL]
