"""`sonde show` and `sonde history`: what was found out before."""

import asyncio
from typing import Annotated

import typer
from rich.text import Text

from sonde.support.v1 import support_service_pb2 as pb
from sonde.support.v1.diagnosis_pb2 import HostResult
from sonde_core.catalogue import Language
from sonde_core.report import HostReport
from sonde_core.words import Words
from sonde_service.cli import asking
from sonde_service.cli.client import DEADLINE, ServiceAddress, connect
from sonde_service.cli.diagnose import print_json
from sonde_terminal import options, output, overview, tree
from sonde_terminal.grid import Row, grid
from sonde_terminal.lines import Role, hang
from sonde_terminal.screen import Page
from sonde_wire.results import decode_result
from sonde_wire.times import from_timestamp

_SHOWN = 50
"""Rows of a history for people; JSON has them all."""


def show(
    diagnosis: Annotated[str, typer.Argument(help="A diagnosis, such as 7f3c91.")],
    *,
    host: Annotated[str, typer.Option(metavar="H", help="Only this host.")] = "",
    json: options.Json = False,
    lang: options.Lang = Language.EN,
    tz: options.Zone = options.UTC_ZONE,
    service: asking.Service,
) -> None:
    """Show a stored diagnosis in detail.

    For each finding: what speaks for and against it, what is missing, the steps that mend it.
    """
    words = Words(lang, tz)
    stored, results = asyncio.run(_get(service, diagnosis, host))
    if json:
        for result in results:
            print_json(result, words)
        return
    page = output.page()
    output.show(_lines(stored, [decode_result(result) for result in results], words, page), page)


async def _get(
    service: ServiceAddress, diagnosis: str, host: str
) -> tuple[pb.Diagnosis, list[HostResult]]:
    results: list[HostResult] = []
    request = pb.GetDiagnosisRequest(diagnosis=diagnosis, host=host)
    async with connect(service) as stub:
        while True:
            answer = await stub.GetDiagnosis(request, timeout=DEADLINE)
            results += answer.results
            if not answer.next_page_token:
                return answer.diagnosis, results
            request.page_token = answer.next_page_token


def _lines(
    diagnosis: pb.Diagnosis, reports: list[HostReport], words: Words, page: Page
) -> list[Text]:
    began = from_timestamp(diagnosis.create_time).astimezone(words.zone)
    title = f"{diagnosis.name}{page.signs.separator}{began:%Y-%m-%d %H:%M:%S %Z}"
    if diagnosis.stored < diagnosis.expected:
        title += f"{page.signs.separator}{diagnosis.stored}/{diagnosis.expected}"
    lines = hang(Text(" "), page.say(title), page, Role.STRONG)
    for report in reports:
        brief = report.healthy and len(reports) > 1
        lines += [Text(), *tree.tree(report, report.host, words, page)][: 2 if brief else None]
    return [*lines, Text(), *overview.footer(reports, words, page)]


def history(
    host: Annotated[str, typer.Argument(help="A host's name.")],
    *,
    json: options.Json = False,
    service: asking.Service,
) -> None:
    """Show what was found on a host, newest first.

    The table has the newest 50; --json prints all.
    """
    asyncio.run(_print_history(service, host, as_json=json))


async def _print_history(service: ServiceAddress, host: str, *, as_json: bool) -> None:
    words = Words()
    async with connect(service) as stub:
        request = pb.GetHistoryRequest(host=host, page_size=_SHOWN)
        while True:
            answer = await stub.GetHistory(request, timeout=DEADLINE)
            if not as_json:
                _show_history([decode_result(result) for result in answer.results])
                return
            for result in answer.results:
                print_json(result, words)
            if not answer.next_page_token:
                return
            request.page_token = answer.next_page_token


def _show_history(reports: list[HostReport]) -> None:
    if not reports:
        output.tell("nothing yet; begin with `sonde diagnose`")
        return
    page = output.page()
    rows = [_row(report, page) for report in reports]
    output.show(grid(("TIME (UTC)", "STATUS", "DIAGNOSIS", "CAUSES"), rows, page), page)


def _row(report: HostReport, page: Page) -> Row:
    causes = ", ".join(dict.fromkeys(finding.cause for finding in report.found()))
    return Row(
        overview.mark_of_host(report),
        f"{report.time:%Y-%m-%d %H:%M:%S}",
        report.status.value,
        (page.say(report.diagnosis, 32),),
        page.say(causes or ("healthy" if report.healthy else "unknown"), 300),
    )


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(
        epilog=options.examples(
            "sonde show 7f3c91", "sonde show 7f3c91 --host sgp-01 --lang zh --tz Asia/Shanghai"
        )
    )(show)
    app.command(epilog=options.examples("sonde history sgp-01", "sonde history sgp-01 --json"))(
        history
    )
