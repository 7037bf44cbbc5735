"""What the options of `sonde hosts add` and `set` say about a host."""

import getpass
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated

import typer

from sonde.agent.v1.reading_pb2 import WhitelistRecord as WhitelistMessage
from sonde.support.v1.host_pb2 import Customer, Host
from sonde_core.addresses import parse_network
from sonde_core.catalogue import Language
from sonde_core.readings import WhitelistRecord
from sonde_service.cli import asking
from sonde_terminal import options
from sonde_wire.readings.setup import encode_whitelist

Name = Annotated[str, typer.Argument(metavar="NAME", help="The host's name, such as sgp-01.")]
Address = Annotated[
    str | None,
    typer.Option(metavar="A", help='Where its agent listens: "unix:/path" or "host:port".'),
]
TlsName = Annotated[
    str | None, typer.Option(metavar="N", help="The name that its certificate must carry.")
]
Email = Annotated[
    str | None, typer.Option("--customer", metavar="EMAIL", help="The customer's address.")
]
UidLast6 = Annotated[
    str | None, typer.Option(metavar="D", help="The last six digits of the customer's Binance UID.")
]
Lang = Annotated[
    Language | None, typer.Option("--lang", help="The language to write to the customer in.")
]
Zone = Annotated[
    str | None,
    typer.Option("--tz", metavar="ZONE", help="The customer's time zone: an IANA name."),
]
Labels = Annotated[
    list[str] | None,
    typer.Option("--label", metavar="K=V", help='A label; repeat for more. "K=" removes it.'),
]
WhitelistIps = Annotated[
    list[str] | None,
    typer.Option(
        "--whitelist-ip",
        metavar="ACCOUNT=IP",
        help="An address or CIDR on the IP list of an account's key; repeat for more. "
        '"ACCOUNT=" forgets the list.',
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What the options say about a host. None leaves a field as it is."""

    address: str | None = None
    tls_name: str | None = None
    email: str | None = None
    uid_last6: str | None = None
    language: Language | None = None
    zone: str | None = None
    labels: list[tuple[str, str]] = field(default_factory=list)
    whitelists: dict[str, WhitelistMessage] = field(default_factory=dict)

    def apply(self, host: Host) -> None:
        """Write them into a host."""
        _set(host, address=self.address, tls_name=self.tls_name)
        _set(
            host.customer,
            email=self.email,
            uid_last6=self.uid_last6,
            language=self.language.value if self.language else None,
            time_zone=self.zone,
        )
        for key, value in self.labels:
            host.labels[key] = value
            if not value:
                del host.labels[key]
        for account, record in self.whitelists.items():
            host.whitelists[account].CopyFrom(record)
            if not record.entries:
                del host.whitelists[account]


NOTHING = Changes()
"""No option was given."""


def _set(message: Host | Customer, **values: str | None) -> None:
    for name, value in values.items():
        if value is not None:
            setattr(message, name, value)


def changes(
    *,
    address: str | None,
    tls_name: str | None,
    email: str | None,
    uid_last6: str | None,
    language: Language | None,
    zone: str | None,
    labels: list[str] | None,
    whitelist_ips: list[str] | None,
) -> Changes:
    """Read the options' texts. A text that cannot be read is a usage error."""
    if zone:
        options.zone(zone)  # the service keeps the name; only a known one is sent
    return Changes(
        address=address,
        tls_name=tls_name,
        email=email,
        uid_last6=uid_last6,
        language=language,
        zone=zone,
        labels=asking.pairs(labels or (), "--label", "K=V, such as region=sgp"),
        whitelists=_whitelists(whitelist_ips or ()),
    )


def _whitelists(texts: Iterable[str]) -> dict[str, WhitelistMessage]:
    form = "ACCOUNT=IP, such as main=203.0.113.7"
    entries: dict[str, list[str]] = {}
    for account, entry in asking.pairs(texts, "--whitelist-ip", form):
        entries.setdefault(account, []).extend([entry] if entry else [])
    return {account: _record(networks) for account, networks in entries.items()}


def _record(entries: list[str]) -> WhitelistMessage:
    try:
        networks = tuple(parse_network(entry) for entry in entries)
    except ValueError as error:
        raise typer.BadParameter(
            f"{error}; write an address such as 203.0.113.7 or a network such as 203.0.113.0/24",
            param_hint="--whitelist-ip",
        ) from error
    return encode_whitelist(
        WhitelistRecord(entries=networks, recorded=datetime.now(UTC), recorded_by=_person())
    )


def _person() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return f"uid {os.getuid()}"


def as_arguments(host: Host) -> list[str]:
    """Return the command line that adds a host as it is."""
    customer = host.customer
    named = {
        "--address": host.address,
        "--tls-name": host.tls_name,
        "--customer": customer.email,
        "--uid-last6": customer.uid_last6,
        "--lang": customer.language,
        "--tz": customer.time_zone,
    }
    words = ["sonde", "hosts", "add", host.name]
    for option, value in named.items():
        words += [option, value] if value else []
    for key, value in sorted(host.labels.items()):
        words += ["--label", f"{key}={value}"]
    for account, record in sorted(host.whitelists.items()):
        for entry in record.entries:
            words += ["--whitelist-ip", f"{account}={entry}"]
    return words
