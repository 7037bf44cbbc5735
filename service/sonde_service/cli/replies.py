"""`--reply`: the mail to each host's customer, in the language and time zone recorded for them."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import grpc
import grpc.aio
import typer

from sonde.support.v1 import support_service_pb2 as pb
from sonde.support.v1.host_pb2 import Customer
from sonde_core.catalogue import Language
from sonde_core.report import HostReport
from sonde_core.words import Words
from sonde_service.cli.client import DEADLINE, ServiceAddress, connect
from sonde_terminal import options, output
from sonde_terminal.screen import Page

if TYPE_CHECKING:  # the stub's type exists in the stub file only
    from sonde.support.v1.support_service_pb2_grpc import SupportServiceAsyncStub

Lang = Annotated[
    Language | None,
    typer.Option(
        "--lang",
        help="Language of titles and sentences; of a mail, if not the customer's own.",
        show_default="en",
    ),
]
Zone = Annotated[
    ZoneInfo | None,
    typer.Option(
        "--tz",
        metavar="ZONE",
        parser=options.zone,
        help="Time zone of times shown; of a mail, if not the customer's own.",
        show_default="UTC",
    ),
]


def words_in(lang: Language | None, tz: ZoneInfo | None) -> Words:
    """Return the words to show results in."""
    return Words(lang or Language.EN, tz or options.UTC_ZONE)


def show_replies(
    service: ServiceAddress,
    reports: Sequence[HostReport],
    lang: Language | None,
    tz: ZoneInfo | None,
) -> None:
    """Print a mail per host; a line names the host where there are several."""
    from sonde_core import reply  # noqa: PLC0415 - loads only where a mail is asked for

    customers = asyncio.run(_customers(service, [report.host for report in reports]))
    for number, (report, customer) in enumerate(zip(reports, customers, strict=True)):
        if number:
            output.show_plain("\n")
        if len(reports) > 1:
            output.show_plain(f"--- {Page().say(report.host)} ---")
        words = words_in(lang or _language(customer), tz or _zone(customer))
        output.show_plain(reply.of_report(report, words))


async def _customers(service: ServiceAddress, hosts: Sequence[str]) -> list[Customer]:
    async with connect(service) as stub:
        return [await _customer(stub, host) for host in hosts]


async def _customer(stub: "SupportServiceAsyncStub", host: str) -> Customer:
    try:
        found = await stub.GetHost(pb.GetHostRequest(name=host), timeout=DEADLINE)
    except grpc.aio.AioRpcError as error:
        if error.code() is not grpc.StatusCode.NOT_FOUND:
            raise
        return Customer()  # the host was removed; what was found on it stays
    return found.host.customer


def _language(customer: Customer) -> Language | None:
    return Language(customer.language) if customer.language in set(Language) else None


def _zone(customer: Customer) -> ZoneInfo | None:
    try:
        return ZoneInfo(customer.time_zone) if customer.time_zone else None
    except (KeyError, ValueError, OSError):  # a zone that this machine does not have
        return None
