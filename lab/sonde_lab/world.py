"""What a simulated exchange is like: plain data, read from JSON, described in docs/world.md."""

import re
from datetime import timedelta
from enum import Enum, StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, Self

import msgspec
from msgspec import UNSET, Meta, UnsetType

from sonde_core.errors import ConfigInvalidError
from sonde_core.readings import KeyType
from sonde_lab.public_key import read_public_key

EXAMPLE_API_KEY = "SondeLabExampleKeyAcceptedByEveryHealthyWorldAndNowhereElse00001"
EXAMPLE_SECRET = "SondeLabExampleSecretThatOpensNothingOutsideOfTheSimulator000001"  # noqa: S105

Milliseconds = Annotated[int, Meta(ge=-(10**14), le=10**14)]
Count = Annotated[int, Meta(ge=0, le=10**9)]


def is_key_format(api_key: str) -> bool:
    """Return whether a text has the form of a key id: 64 letters and digits."""
    return re.fullmatch(r"[A-Za-z0-9]{64}", api_key) is not None


class Surface(StrEnum):
    """One product of the exchange, with a path, a clock and limits of its own."""

    SPOT = "spot"
    SAPI = "sapi"
    USDM = "usdm"
    COINM = "coinm"


class Restriction(StrEnum):
    """Why a futures account is refused, whatever its keys may do."""

    INACTIVE = "inactive"
    KEYS_LOCKED = "keys_locked"
    COOLING_OFF = "cooling_off"
    REDUCE_ONLY = "reduce_only"
    NO_ORDERS = "no_orders"


class Check(StrEnum):
    """One thing the exchange checks before it answers a signed request."""

    BAN = "ban"
    WEIGHT = "weight"
    PARAMETERS = "parameters"
    KEY_FORMAT = "key_format"
    KEY_KNOWN = "key_known"
    IP = "ip"
    TIMESTAMP = "timestamp"
    SIGNATURE = "signature"
    PERMISSION = "permission"
    ORDER = "order"
    BACKEND = "backend"


class Answer(StrEnum):
    """What a fault answers in place of the exchange, or makes of what the exchange answers."""

    WAF = "waf"
    RESTRICTED_LOCATION = "restricted_location"
    UNKNOWN_ERROR = "unknown_error"
    SERVICE_UNAVAILABLE = "service_unavailable"
    INTERNAL_ERROR = "internal_error"
    OVERLOADED = "overloaded"
    BACKEND_TIMEOUT = "backend_timeout"
    REDIRECT = "redirect"
    HTML_PAGE = "html_page"
    DEEP_NESTING = "deep_nesting"
    NOT_A_NUMBER = "not_a_number"
    INFINITE_NUMBER = "infinite_number"
    LARGEST_NUMBER = "largest_number"
    ENDLESS_DIGITS = "endless_digits"
    DUPLICATE_KEYS = "duplicate_keys"
    GZIP_BOMB = "gzip_bomb"
    ENDLESS_BODY = "endless_body"
    DRIPPING_BODY = "dripping_body"
    CUT_SHORT = "cut_short"
    OVERLONG = "overlong"
    NO_ANSWER = "no_answer"

    @property
    def place(self) -> "Place":
        """Where on a request's way there and back it strikes."""
        if self in {Answer.WAF, Answer.RESTRICTED_LOCATION}:
            return Place.EDGE
        return Place.EXCHANGE if self in _OF_THE_EXCHANGE else Place.WAY_BACK


class Place(Enum):
    """Where something goes wrong."""

    EDGE = "in front of the exchange, before any of its checks"
    EXCHANGE = "behind its checks"
    WAY_BACK = "after the exchange has answered"


_OF_THE_EXCHANGE = frozenset(
    {
        Answer.UNKNOWN_ERROR,
        Answer.SERVICE_UNAVAILABLE,
        Answer.INTERNAL_ERROR,
        Answer.OVERLOADED,
        Answer.BACKEND_TIMEOUT,
    }
)


class _Data(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every part of a world: immutable, and an unknown field is an error."""


class Permissions(_Data, frozen=True, kw_only=True, rename="camel"):
    """The flags of a key, spelt as ``/sapi/v1/account/apiRestrictions`` spells them."""

    enable_reading: bool = True
    enable_withdrawals: bool = False
    enable_internal_transfer: bool = False
    enable_margin: bool = False
    enable_futures: bool = True
    permits_universal_transfer: bool = False
    enable_vanilla_options: bool = False
    enable_fix_api_trade: bool = False
    enable_fix_read_only: bool = False
    enable_spot_and_margin_trading: bool = True
    enable_portfolio_margin_trading: bool = False
    trading_authority_expiration_time: int | UnsetType = UNSET


class FuturesAccount(_Data, frozen=True, kw_only=True):
    """The futures account behind a key. ``opened_ms`` null means that there is none."""

    opened_ms: Milliseconds | None = 1_600_000_000_000
    can_trade: bool = True
    can_deposit: bool = True
    can_withdraw: bool = True
    dual_side_position: bool = False
    multi_assets_margin: bool = False
    funded: bool = True
    restriction: Restriction | None = None


class Account(_Data, frozen=True, kw_only=True):
    """The account behind a key."""

    status: str = "Normal"
    api_locked: bool = False
    planned_recover_ms: Milliseconds = 0
    can_trade: bool = True
    futures: FuturesAccount = FuturesAccount()


class Key(_Data, frozen=True, kw_only=True):
    """An API key. An empty ``ip_list`` means that the key is not restricted to addresses.

    ``surfaces`` null means that every surface knows it; products of the test net do not.
    HMAC keys have a ``secret``, the others a ``public_key`` in PEM and no secret.
    """

    api_key: str = EXAMPLE_API_KEY
    type: KeyType = KeyType.HMAC
    secret: str | None = EXAMPLE_SECRET
    public_key: str | None = None
    created_ms: Milliseconds = 1_700_000_000_000
    deleted: bool = False
    surfaces: tuple[Surface, ...] | None = None
    ip_list: tuple[str, ...] = ()
    permissions: Permissions = Permissions()
    account: Account = Account()

    def __post_init__(self) -> None:
        if not is_key_format(self.api_key):
            raise ValueError("api_key must be 64 letters and digits")
        for address in self.ip_list:
            ip_address(address)
        if self.type is KeyType.HMAC:
            self._check_hmac()
        else:
            self._check_pair()

    def _check_hmac(self) -> None:
        if not self.secret:
            raise ValueError("secret must not be empty where type is hmac")
        if self.public_key is not None:
            raise ValueError("public_key must be left out where type is hmac")

    def _check_pair(self) -> None:
        if self.secret not in {EXAMPLE_SECRET, None}:
            raise ValueError(f"secret must be left out where type is {self.type}")
        # The default is for HMAC keys; a frozen struct is finished here.
        msgspec.structs.force_setattr(self, "secret", None)
        read_public_key(self.public_key or "", self.type)

    @property
    def opens_futures(self) -> bool:
        """Whether futures endpoints accept the key.

        A key made before the futures account was opened never does, whatever its flag says.
        """
        opened = self.account.futures.opened_ms
        return self.permissions.enable_futures and opened is not None and opened <= self.created_ms


class Limits(_Data, frozen=True, kw_only=True):
    """What one surface counts and how it answers when that is too much."""

    weight_limit: Count | None = None
    weight_used: Count = 0
    weight_foreign: Count = 0
    orders_foreign: Count = 0
    banned_until_ms: Milliseconds = 0
    refusals_before_ban: Count = 3
    ban_ms: Milliseconds = 120_000
    retry_after: bool = True


class SurfaceState(_Data, frozen=True, kw_only=True):
    """What one surface is like. Null means as in the whole world."""

    clock_offset_ms: Milliseconds | None = None
    seen_ip: str | None = None
    offered: bool = True
    limits: Limits = Limits()

    def __post_init__(self) -> None:
        if self.seen_ip is not None:
            ip_address(self.seen_ip)


class Fault(_Data, frozen=True, kw_only=True):
    """Something that goes wrong on a surface, a path, both or everywhere."""

    surface: Surface | None = None
    path: str | None = None
    answer: Answer | None = None
    delay_ms: Annotated[int, Meta(ge=0, le=600_000)] = 0
    times: Annotated[int, Meta(ge=1)] | None = None

    def concerns(self, surface: Surface, path: str) -> bool:
        """Return whether the fault strikes a request."""
        return self.surface in {None, surface} and self.path in {None, path}


class World(_Data, frozen=True, kw_only=True):
    """A simulated exchange. Without any field: healthy, with one good key."""

    clock_offset_ms: Milliseconds = 0
    seen_ip: str | None = None
    echo_ips: tuple[str, ...] = ()
    keys: tuple[Key, ...] = (Key(),)
    spot: SurfaceState = SurfaceState()
    sapi: SurfaceState = SurfaceState()
    usdm: SurfaceState = SurfaceState()
    coinm: SurfaceState = SurfaceState()
    system_maintenance: bool = False
    faults: tuple[Fault, ...] = ()
    check_order: tuple[Check, ...] = tuple(Check)
    sapi_unknown_key_code: Literal[-2008, -2015] = -2008
    sapi_permission_code: Literal[-1002, -2015] = -2015
    futures_ip_code: Literal[-1011, -2015] = -2015

    def __post_init__(self) -> None:
        for address in (*self.echo_ips, *([self.seen_ip] if self.seen_ip else ())):
            ip_address(address)
        if sorted(self.check_order) != sorted(Check):
            raise ValueError(f"check_order must name each check once: {', '.join(Check)}")
        if len({key.api_key for key in self.keys}) != len(self.keys):
            raise ValueError("keys must have different values of api_key")

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Return the world that a JSON text describes.

        Raises:
            ConfigInvalidError: The text is not JSON, or a field is unknown or has a wrong value.
        """
        try:
            return msgspec.json.decode(text, type=cls)
        except msgspec.MsgspecError as error:
            raise ConfigInvalidError(f"World: {error}. See docs/world.md.") from error

    @classmethod
    def from_file(cls, path: Path) -> Self:
        """Return the world that a JSON file describes.

        Raises:
            ConfigInvalidError: The file cannot be read or does not describe a world.
        """
        try:
            return cls.from_json(path.read_bytes())
        except OSError as error:
            raise ConfigInvalidError(f"World: cannot read {path}: {error.strerror}.") from error

    def to_json(self) -> bytes:
        """Return the world as JSON, every field spelt out, secrets included."""
        return msgspec.json.encode(self)

    def surface(self, surface: Surface) -> SurfaceState:
        """Return what one surface is like."""
        states = {
            Surface.SPOT: self.spot,
            Surface.SAPI: self.sapi,
            Surface.USDM: self.usdm,
            Surface.COINM: self.coinm,
        }
        return states[surface]

    def clock_offset(self, surface: Surface) -> timedelta:
        """Return the clock of a surface minus the clock of this machine."""
        own = self.surface(surface).clock_offset_ms
        return timedelta(milliseconds=self.clock_offset_ms if own is None else own)

    def key(self, api_key: str, surface: Surface) -> Key | None:
        """Return the key with an id, where a surface knows it and it was not deleted."""
        named = next((key for key in self.keys if key.api_key == api_key), None)
        if named is None or named.deleted:
            return None
        return named if named.surfaces is None or surface in named.surfaces else None
