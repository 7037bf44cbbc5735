"""What can be known about one host. A reading states a fact and never a verdict."""

from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import NamedTuple

from sonde_core.orders import SymbolRules
from sonde_core.path import Certificate, Path, Resolution, RoundTrips
from sonde_core.records import record
from sonde_core.timekeeping import ClockDrift, ClockWatch, KernelClock, Synchronizer

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


RECV_WINDOW = timedelta(milliseconds=5_000)
"""What the exchange assumes where a request does not say, and what engines use unless known."""


class Kind(StrEnum):
    """What kind of thing a reading is about."""

    NTP = "ntp"
    EXCHANGE_TIME = "exchange_time"
    ECHO_IPV4 = "echo_ipv4"
    ECHO_IPV6 = "echo_ipv6"
    PUBLIC_CALL = "public_call"
    API_RESTRICTIONS = "api_restrictions"
    ACCOUNT_STATUS = "account_status"
    SPOT_ACCOUNT = "spot_account"
    FUTURES_ACCOUNT = "futures_account"
    FUTURES_ORDER_TEST = "futures_order_test"
    WEIGHT = "weight"
    ORDERS = "orders"
    GATE = "gate"
    KEY = "key"
    WHITELIST = "whitelist"
    SETTINGS = "settings"
    HTTP_DATE = "http_date"
    SYMBOL_RULES = "symbol_rules"
    SYNCHRONIZER = "synchronizer"
    KERNEL_CLOCK = "kernel_clock"
    CLOCK_WATCH = "clock_watch"
    CLOCK_DRIFT = "clock_drift"
    RESOLUTION = "resolution"
    PATH = "path"
    CERTIFICATE = "certificate"
    ROUND_TRIPS = "round_trips"
    PAST_WEIGHT = "past_weight"
    ENGINE = "engine"


SIGNED_KINDS = (
    Kind.API_RESTRICTIONS,
    Kind.ACCOUNT_STATUS,
    Kind.FUTURES_ACCOUNT,
    Kind.FUTURES_ORDER_TEST,
    Kind.SPOT_ACCOUNT,
)
"""The signed tests, in the order in which they are sent."""


class Subject(NamedTuple):
    """What a reading or a finding is about, such as ``endpoint:usdm``."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"


HOST = Subject("host", "self")
USDM = Subject("endpoint", "usdm")
SPOT = Subject("endpoint", "spot")
COINM = Subject("endpoint", "coinm")

ENDPOINT_OF = {
    Kind.API_RESTRICTIONS: SPOT,
    Kind.ACCOUNT_STATUS: SPOT,
    Kind.SPOT_ACCOUNT: SPOT,
    Kind.FUTURES_ACCOUNT: USDM,
    Kind.FUTURES_ORDER_TEST: USDM,
}
"""Which endpoint answers a signed test: /sapi lives on the spot host."""


@record(frozen=True, slots=True, kw_only=True)
class NtpSample:
    """The host's clock against one NTP server (RFC 5905 section 8)."""

    offset: timedelta
    """Host time minus server time: positive when the host is ahead."""
    delay: timedelta
    root_delay: timedelta
    root_dispersion: timedelta
    stratum: int
    reference_id: str
    samples: int
    """How many answers this one was chosen from."""


@record(frozen=True, slots=True, kw_only=True)
class ExchangeTime:
    """The host's clock against the exchange's."""

    offset: timedelta
    """Host time minus exchange time: positive when the host is ahead."""
    round_trip: timedelta


@record(frozen=True, slots=True)
class EchoedAddress:
    """The outbound address that an outside observer saw."""

    address: Address


class BodyForm(StrEnum):
    """What an answer's body was."""

    JSON = "json"
    HTML = "html"
    TEXT = "text"
    EMPTY = "empty"


class SigningClock(StrEnum):
    """Whose clock a signed request's timestamp came from."""

    HOST = "host"
    EXCHANGE = "exchange"


@record(frozen=True, slots=True, kw_only=True)
class KeyPermissions:
    """What an API key may do, as ``GET /sapi/v1/account/apiRestrictions`` says."""

    ip_restricted: bool
    granted: frozenset[str]
    """By the exchange's own field names, such as ``enableFutures``."""
    withheld: frozenset[str]
    created: datetime | None = None
    trading_expires: datetime | None = None


@record(frozen=True, slots=True)
class AccountStatus:
    """The exchange's one word about an account; ``Normal`` is the good one."""

    status: str


@record(frozen=True, slots=True)
class TradingFlags:
    """What an account may do."""

    can_trade: bool


Facts = KeyPermissions | AccountStatus | TradingFlags


@record(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the exchange answered to one request. Named fields only, never the body."""

    status: int
    code: int | None = None
    message: str = ""
    body: BodyForm = BodyForm.JSON
    latency: timedelta = timedelta()
    clock: SigningClock | None = None
    """None on public calls."""
    timestamp: datetime | None = None
    used_weight: int | None = None
    retry_after: timedelta | None = None
    banned_until: datetime | None = None
    request_ip: Address | None = None
    facts: Facts | None = None

    @property
    def ok(self) -> bool:
        """Tell whether the exchange did what it was asked."""
        return self.status == 200  # noqa: PLR2004 - the HTTP status


@record(frozen=True, slots=True, kw_only=True)
class WeightUse:
    """The request weight of one endpoint in the current minute, or in one before."""

    used: int
    own: int
    limit: int | None = None


@record(frozen=True, slots=True, kw_only=True)
class OrderWindow:
    """The orders of an account within one of the spans of time that the exchange counts by."""

    span: timedelta
    used: int
    limit: int | None = None


@record(frozen=True, slots=True, kw_only=True)
class OrderUse:
    """How many orders the exchange counts for an account at one endpoint."""

    endpoint: str
    windows: tuple[OrderWindow, ...]


@record(frozen=True, slots=True, kw_only=True)
class Closure:
    """The exchange told this address to stay away from one endpoint."""

    status: int
    until: datetime
    since: datetime


class KeyType(StrEnum):
    """How a key signs."""

    HMAC = "hmac"
    RSA = "rsa"
    ED25519 = "ed25519"


@record(frozen=True, slots=True, kw_only=True)
class KeyFacts:
    """The API key on the host, without its secret."""

    type: KeyType
    last4: str
    fingerprint: str


@record(frozen=True, slots=True, kw_only=True)
class WhitelistRecord:
    """The IP list of a key, as somebody wrote it down. The exchange does not tell."""

    entries: tuple[Network, ...]
    recorded: datetime | None = None
    recorded_by: str = ""

    def lists(self, address: Address) -> bool:
        """Tell whether an address is on it, by itself or in a network."""
        return any(address in network for network in self.entries)

    def names(self, address: Address) -> bool:
        """Tell whether an address is on it by itself, as on the exchange's own list."""
        return any(address in each for each in self.entries if each.num_addresses == 1)


@record(frozen=True, slots=True, kw_only=True)
class AgentSettings:
    """What the agent is and how it is set up."""

    version: str
    recv_window: timedelta | None = None
    """The engine's, where known."""
    require: frozenset[str] = frozenset({"enableReading", "enableFutures"})
    forbid: frozenset[str] = frozenset({"enableWithdrawals"})
    accounts: tuple[str, ...] = ()
    """The names of the accounts that the agent's configuration has a key for."""
    environment: str = ""
    """production, testnet, demo or custom; empty where the agent is too old to say."""


@record(frozen=True, slots=True, kw_only=True)
class EngineWeight:
    """The request weight that an engine sent to one endpoint within one minute."""

    endpoint: str
    time: datetime
    """When that minute ended, by the host's clock."""
    weight: int
    """By the engine's own count."""


@record(frozen=True, slots=True, kw_only=True)
class EngineState:
    """What an engine on the host last said of itself."""

    version: str
    reported: datetime
    """When its last report came, by the host's clock as it stands now."""
    silence: timedelta | None = None
    """Since then, by a clock that nobody can set. None where the host was started meanwhile."""
    listening: timedelta = timedelta()
    """For how long the agent has been there to hear it, without a break."""
    heartbeat_interval: timedelta | None = None
    """When the next report was due after that. None where it does not matter."""
    uptime: timedelta | None = None
    last_order: datetime | None = None
    """By the engine's own word."""
    weights: tuple[EngineWeight, ...] = ()
    """Newest first: of each endpoint the last few minutes that it told of."""


class FailureReason(StrEnum):
    """Why something could not be measured."""

    TIMEOUT = "timeout"
    DNS = "dns"
    CONNECTION = "connection"
    TLS = "tls"
    ANSWER = "answer"
    """An answer came that cannot be used."""
    WITHHELD = "withheld"
    """Not sent, because the exchange said to stay away."""
    SKIPPED = "skipped"
    """Not sent, because what it builds on had failed."""
    CREDENTIALS = "credentials"
    INTERNAL = "internal"
    NO_ADDRESS = "no_address"
    """The host has no address of that family."""
    CERTIFICATE_EXPIRED = "certificate_expired"
    """At the host's time. Whether the certificate or the clock is wrong is not said."""
    CERTIFICATE_NOT_YET_VALID = "certificate_not_yet_valid"
    DEADLINE = "deadline"
    """The agent's own time limit ended the measurement. Says nothing about the path."""
    NO_SYMBOL = "no_symbol"
    """The exchange does not have the symbol there."""


@record(frozen=True, slots=True)
class Failure:
    """It could not be measured. This says nothing about the host."""

    reason: FailureReason
    detail: str = ""


Value = (
    NtpSample
    | ExchangeTime
    | EchoedAddress
    | Answer
    | WeightUse
    | OrderUse
    | Closure
    | KeyFacts
    | WhitelistRecord
    | AgentSettings
    | SymbolRules
    | EngineState
    | Synchronizer
    | KernelClock
    | ClockWatch
    | ClockDrift
    | Resolution
    | Path
    | Certificate
    | RoundTrips
    | Failure
)


@record(frozen=True, slots=True, kw_only=True)
class Reading:
    """One fact about one host, or why it could not be read."""

    kind: Kind
    subject: Subject
    time: datetime
    """When the measurement began, by the host's own clock."""
    elapsed: timedelta = timedelta()
    value: Value
