"""The only module that reads secrets and signs.

What may be signed is a closed list: `SignedCall` names each request whole, with method, path and
every parameter but the time. There is no way to sign anything else. What a key pair takes beside it
is in `private_keys`, which no other module uses.
"""

import hashlib
import hmac
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from sonde_core.readings import Failure, FailureReason, KeyFacts, KeyType, Kind
from sonde_core.secret import Secret
from sonde_core.signing import encode, milliseconds, payload, with_signature

if TYPE_CHECKING:
    from sonde_agent.private_keys import PrivateKey

_MOST_BYTES = 16 * 1024
_READABLE_BY_OTHERS = stat.S_IROTH
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_MILLISECOND = timedelta(milliseconds=1)
_Private: TypeAlias = "str | PrivateKey"
"""What a key signs with; a text is the shared secret of HMAC."""


@dataclass(frozen=True, slots=True)
class _Request:
    """A request without its time."""

    kind: Kind
    method: str
    path: str
    weight: int
    """The request weight that the exchange publishes for it."""
    parameters: tuple[tuple[str, str], ...] = ()


class SignedCall(Enum):
    """Every request that can be signed. None of them changes anything."""

    API_RESTRICTIONS = _Request(Kind.API_RESTRICTIONS, "GET", "/sapi/v1/account/apiRestrictions", 1)
    ACCOUNT_STATUS = _Request(Kind.ACCOUNT_STATUS, "GET", "/sapi/v1/account/status", 1)
    FUTURES_ACCOUNT = _Request(Kind.FUTURES_ACCOUNT, "GET", "/fapi/v1/accountConfig", 5)
    FUTURES_ORDER_TEST = _Request(
        Kind.FUTURES_ORDER_TEST,
        "POST",
        "/fapi/v1/order/test",
        1,  # none is published
        # Never reaches the matching engine. Far below the market all the same.
        (
            ("symbol", "BTCUSDT"),
            ("side", "BUY"),
            ("type", "LIMIT"),
            ("timeInForce", "GTC"),
            ("quantity", "0.010"),
            ("price", "20000.0"),
        ),
    )
    SPOT_ACCOUNT = _Request(
        Kind.SPOT_ACCOUNT, "GET", "/api/v3/account", 20, (("omitZeroBalances", "true"),)
    )


CALLS: Mapping[Kind, SignedCall] = {call.value.kind: call for call in SignedCall}
"""The signed call behind each signed kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedRequest:
    """A request ready to be sent. Its query and its headers are not for any log."""

    method: str
    path: str
    query: str = field(repr=False)
    api_key: Secret[str]

    def headers(self) -> dict[str, str]:
        """Return the header that names the key."""
        return {"X-MBX-APIKEY": self.api_key.reveal()}


@dataclass(frozen=True, slots=True)
class Key:
    """One API key: its id and what signs for it."""

    api_key: Secret[str]
    _private: Secret[_Private]

    @property
    def type(self) -> KeyType:
        """How the key signs."""
        private = self._private.reveal()
        return KeyType.HMAC if isinstance(private, str) else private.type

    @property
    def facts(self) -> KeyFacts:
        """What may be known about the key."""
        text = self.api_key.reveal()
        fingerprint = hashlib.sha256(text.encode()).hexdigest()[:16]
        return KeyFacts(type=self.type, last4=text[-4:], fingerprint=fingerprint)

    def sign(self, call: SignedCall, *, at: datetime, recv_window: timedelta) -> SignedRequest:
        """Return a request of the closed list, signed with an instant of somebody's clock."""
        if not any(call is member for member in SignedCall):
            raise TypeError(f"only a member of SignedCall can be signed, not {type(call).__name__}")
        request = call.value
        query = encode(
            (
                *request.parameters,
                ("recvWindow", str(recv_window // _MILLISECOND)),
                ("timestamp", str(milliseconds(at))),
            )
        )
        return SignedRequest(
            method=request.method,
            path=request.path,
            query=with_signature(query, _signature(self._private, payload(query))),
            api_key=self.api_key,
        )


def _signature(private: Secret[_Private], signed: bytes) -> str:
    """Return a signature in hex (HMAC) or base64, not yet percent-encoded."""
    revealed = private.reveal()
    if isinstance(revealed, str):
        return hmac.new(revealed.encode(), signed, hashlib.sha256).hexdigest()
    return revealed.signature(signed)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFiles:
    """Where an account's key is kept: its id, and one of the two that sign."""

    api_key_file: Path
    secret_file: Path | None = None
    private_key_file: Path | None = None

    def __post_init__(self) -> None:
        """Load what reads key pairs at once: later, calls would wait and clocks look late."""
        if self.private_key_file:
            import_module("sonde_agent.private_keys")

    def load(self) -> Key | Failure:
        """Read the key, anew each time, so that a mended file is seen at once.

        What is wrong with a file is a failure that names the file and the fix, never its content.
        """
        try:
            api_key = _read_line("api_key_file", self.api_key_file)
            return Key(api_key, self._load_private())
        except _FileUnusableError as error:
            return Failure(FailureReason.CREDENTIALS, str(error))

    def _load_private(self) -> Secret[_Private]:
        if self.private_key_file:
            return _read_pem("private_key_file", self.private_key_file)
        assert self.secret_file  # noqa: S101 - the configuration has one of the two
        return _read_line("secret_file", self.secret_file, guarded=True)


class _FileUnusableError(Exception):
    """A key file cannot be used."""


def _read_line(setting: str, path: Path, *, guarded: bool = False) -> Secret[str]:
    """Return the one line in a file."""
    content = _read(setting, path, guarded=guarded)
    flaw = _flaw(content) or _line_flaw(content.removesuffix(b"\n"))
    if flaw:
        raise _FileUnusableError(f"{setting} {path} {flaw}")
    return Secret(content.removesuffix(b"\n").decode("ascii"))


def _read_pem(setting: str, path: Path) -> Secret[_Private]:
    """Return the private key in a file."""
    from sonde_agent import private_keys  # noqa: PLC0415 - megabytes that an HMAC key does without

    content = _read(setting, path, guarded=True)
    flaw = _flaw(content)
    if flaw:
        raise _FileUnusableError(f"{setting} {path} {flaw}")
    try:
        return Secret(private_keys.read(content, path))
    except private_keys.KeyUnusableError as error:
        raise _FileUnusableError(f"{setting} {path} {error}") from None


def _read(setting: str, path: Path, *, guarded: bool) -> bytes:
    """Return what is in a file; `guarded` files must not be readable by everybody."""
    where = f"{setting} {path}"
    try:
        # A pipe would otherwise wait for its writer.
        with open(path, "rb", opener=lambda p, flags: os.open(p, flags | os.O_NONBLOCK)) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise _FileUnusableError(f"{where} is not a plain file")
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise _FileUnusableError(f"{where} cannot be read: {error.strerror}") from None
    if guarded and status.st_mode & _READABLE_BY_OTHERS:
        raise _FileUnusableError(f"{where} can be read by everybody: run `chmod o-rwx {path}`")
    return content


def _flaw(content: bytes) -> str | None:
    """Say what is wrong with any key file's content without showing any of it."""
    checks = (
        (not content.strip(), "is empty: put the key in it"),
        (len(content) > _MOST_BYTES, "is too long: it must hold one key and nothing else"),
        (
            content.startswith(_BYTE_ORDER_MARK),
            "begins with a byte order mark: save it as plain text",
        ),
        (
            content.strip()[:1] in b"\"'" or content.strip()[-1:] in b"\"'",
            "has quotation marks: leave them out",
        ),
    )
    return next((text for wrong, text in checks if wrong), None)


def _line_flaw(line: bytes) -> str | None:
    checks = (
        (line.startswith(b"-----"), "holds a PEM key: name that as private_key_file"),
        (b"\r" in line, "has Windows line ends: save it with Unix line ends"),
        (b"\n" in line, "has more than one line: it must hold one value only"),
        (any(byte <= 32 for byte in line), "has blanks in it: put in the bare value"),  # noqa: PLR2004 - ASCII
        (any(byte >= 127 for byte in line), "has characters other than ASCII"),  # noqa: PLR2004 - ASCII
    )
    return next((text for wrong, text in checks if wrong), None)
