"""Requests, checked. Each error names the field and the fix."""

import re
from collections.abc import Mapping, Sized
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from google.protobuf.duration_pb2 import Duration

from sonde.agent.v1.reading_pb2 import WhitelistRecord as WhitelistMessage
from sonde.support.v1 import host_pb2, support_service_pb2
from sonde_core.catalogue import Language
from sonde_core.errors import ConfigInvalidError, RequestInvalidError
from sonde_core.host_names import HOW, is_host_name
from sonde_core.readings import WhitelistRecord
from sonde_service.config import LONGEST_TIMEOUT, SHORTEST_TIMEOUT
from sonde_service.hosts import Customer, Host, HostFilter
from sonde_wire.addresses import TcpAddress, parse_address
from sonde_wire.hosts import encode_state
from sonde_wire.readings.setup import decode_whitelist, encode_whitelist
from sonde_wire.times import from_duration, from_timestamp, to_timestamp

_DNS_NAME = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9])?")
_LABEL_KEY = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._/-]{0,61}[A-Za-z0-9])?")
_LABEL_VALUE = re.compile(r"[^\x00-\x1f\x7f]{0,63}")
_ACCOUNT = re.compile(r"[^\x00-\x20\x7f]{1,63}")
_EMAIL = re.compile(r"(?=.{3,254}\Z)[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+")
_UID = re.compile(r"([0-9]{6})?")
_SOUGHT = re.compile(r"[^\x00]*")
_PERSON = re.compile(r"[^\x00-\x1f\x7f]{0,254}")

_LONGEST_ADDRESS = 300
_LONGEST_TEXT = 100_000
"""Characters of a text to explain."""
_MOST_LABELS = 32
_MOST_ACCOUNTS = 32
_MOST_ENTRIES = 64


def decode_host(message: host_pb2.Host, now: datetime) -> Host:
    """Return the host in a request, as of now. Raises `RequestInvalidError`."""
    _check_name(message.name, "host.name")
    _check_address(message.address)
    if message.tls_name:
        _check(_DNS_NAME, message.tls_name, "host.tls_name", "write a name as certificates have it")
    _check_count(message.labels, "host.labels", _MOST_LABELS)
    _check_count(message.whitelists, "host.whitelists", _MOST_ACCOUNTS)
    return Host(
        name=message.name,
        address=message.address,
        tls_name=message.tls_name,
        customer=_decode_customer(message.customer),
        labels=_decode_labels(message.labels, "host.labels"),
        whitelists={
            account: _decode_whitelist(account, record, now)
            for account, record in message.whitelists.items()
        },
        created=now,
    )


def encode_host(host: Host) -> host_pb2.Host:
    """Return the message for a host."""
    message = host_pb2.Host(
        name=host.name,
        address=host.address,
        tls_name=host.tls_name,
        customer=host_pb2.Customer(
            email=host.customer.email,
            uid_last6=host.customer.uid_last6,
            language=host.customer.language,
            time_zone=host.customer.time_zone,
        ),
        labels=host.labels,
        whitelists={name: encode_whitelist(record) for name, record in host.whitelists.items()},
        create_time=to_timestamp(host.created),
        agent_version=host.agent_version,
        state=encode_state(host.state),
    )
    if host.last_seen:
        message.last_seen_time.FromDatetime(host.last_seen.time)
        message.last_healthy = host.last_seen.healthy
    return message


def decode_filter(message: support_service_pb2.HostFilter) -> HostFilter:
    """Return the filter in a request. Raises `RequestInvalidError`."""
    for name in message.names:
        _check_name(name, "filter.names")
    return HostFilter(
        names=frozenset(message.names),
        customer_email=decode_sought(message.customer_email, "filter.customer_email"),
        labels=_decode_labels(message.labels, "filter.labels"),
    )


def decode_text(request: support_service_pb2.ExplainFailureRequest) -> str:
    """Return the text to explain. Raises `RequestInvalidError`."""
    if len(request.text) > _LONGEST_TEXT:
        raise _invalid(
            "text",
            f"{len(request.text):,} characters",
            f"send at most {_LONGEST_TEXT:,}: the lines about the error",
        )
    return request.text


def decode_language(code: str) -> Language:
    """Return the language to answer in. Raises `RequestInvalidError`."""
    if code and code not in set(Language):
        raise _invalid("language", code, 'write "zh" or "en"')
    return Language(code) if code else Language.EN


def decode_sought(text: str, field: str) -> str:
    """Return a text to look for. Raises `RequestInvalidError` on a NUL: PostgreSQL takes none."""
    _check(_SOUGHT, text, field, "leave out the NUL")
    return text


def decode_limit(
    request: support_service_pb2.DiagnoseHostsRequest, default: timedelta
) -> timedelta:
    """Return how long one host may take. Raises `RequestInvalidError` beyond its bounds."""
    if not request.HasField("timeout"):
        return default
    limit = _duration(request.timeout)
    if not SHORTEST_TIMEOUT <= limit <= LONGEST_TIMEOUT:
        raise _invalid("timeout", f"{limit.total_seconds():g} s", "give 100 ms to 5 minutes")
    return limit


def _duration(message: Duration) -> timedelta:
    try:
        return from_duration(message)
    except OverflowError as error:
        raise _invalid("timeout", f"{message.seconds} s", "give 100 ms to 5 minutes") from error


def _decode_customer(message: host_pb2.Customer) -> Customer:
    if message.email:
        _check(_EMAIL, message.email, "host.customer.email", "write one e-mail address")
    _check(_UID, message.uid_last6, "host.customer.uid_last6", "write exactly six digits")
    if message.language and message.language not in [language.value for language in Language]:
        raise _invalid("host.customer.language", message.language, 'write "zh" or "en"')
    if message.time_zone and not _is_zone(message.time_zone):
        raise _invalid(
            "host.customer.time_zone",
            message.time_zone,
            'write an IANA name such as "Asia/Shanghai"',
        )
    return Customer(
        email=message.email,
        uid_last6=message.uid_last6,
        language=message.language,
        time_zone=message.time_zone,
    )


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, a path, a directory of zones
        return False
    return True


def _check_address(address: str) -> None:
    if not address:
        return
    _check(_SOUGHT, address, "host.address", "leave out the NUL")
    try:
        target = parse_address(address)
    except ConfigInvalidError as error:
        raise RequestInvalidError(f"host.{error}", field="host.address") from error
    if isinstance(target, TcpAddress) and not target.port:
        raise _invalid("host.address", address, "give the port on which the agent listens")
    if len(address) > _LONGEST_ADDRESS:
        raise _invalid("host.address", address[:40] + "…", f"at most {_LONGEST_ADDRESS} characters")


def _decode_labels(labels: Mapping[str, str], field: str) -> dict[str, str]:
    for key, value in labels.items():
        _check(_LABEL_KEY, key, field, 'a key has 1 to 63 letters, digits, ".", "_", "/" and "-"')
        _check(
            _LABEL_VALUE, value, f"{field}[{key}]", "a value has at most 63 printable characters"
        )
    return dict(labels)


def _decode_whitelist(account: str, message: WhitelistMessage, now: datetime) -> WhitelistRecord:
    field = f"host.whitelists[{account[:63]}]"
    _check(_ACCOUNT, account, "host.whitelists", "an account has 1 to 63 characters, no spaces")
    _check_count(message.entries, field, _MOST_ENTRIES)
    _check(_PERSON, message.recorded_by, f"{field}.recorded_by", "at most 254 characters")
    try:
        record = decode_whitelist(message)
    except ValueError as error:
        raise RequestInvalidError(
            f'{field}: {error}; write an address such as "203.0.113.7" or a network such as '
            '"203.0.113.0/24"',
            field=field,
        ) from error
    recorded = from_timestamp(message.record_time) if message.HasField("record_time") else now
    return WhitelistRecord(
        entries=record.entries, recorded=recorded, recorded_by=message.recorded_by
    )


def _check_name(name: str, field: str) -> None:
    if not is_host_name(name):
        raise _invalid(field, name, HOW)


def _check(form: re.Pattern[str], text: str, field: str, fix: str) -> None:
    if not form.fullmatch(text):
        raise _invalid(field, text, fix)


def _check_count(entries: Sized, field: str, most: int) -> None:
    if len(entries) > most:
        raise _invalid(field, f"{len(entries)} entries", f"at most {most}")


def _invalid(field: str, given: str, fix: str) -> RequestInvalidError:
    shown = given if len(given) <= 100 else f"{given[:100]}…"  # noqa: PLR2004 - enough to know it by
    return RequestInvalidError(f"{field}: {shown!r} will not do; {fix}", field=field)
