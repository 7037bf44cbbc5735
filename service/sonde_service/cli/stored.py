"""`sonde show` and `sonde history`: what was found out before."""

import asyncio
from typing import Annotated

import typer

from sonde.support.v1 import support_service_pb2 as pb
from sonde.support.v1.diagnosis_pb2 import HostResult
from sonde_core.catalogue import Language
from sonde_core.history.engines import EngineReports
from sonde_core.report import HostReport, change_to_json, engine_reports_to_json, to_json
from sonde_core.words import Words
from sonde_service.cli import asking, replies
from sonde_service.cli.client import DEADLINE, ServiceAddress, connect
from sonde_service.cli.diagnose import print_json
from sonde_terminal import options, output, overview, timeline, tree
from sonde_terminal.labels import LABELS
from sonde_terminal.lines import Role, hang
from sonde_terminal.screen import Page
from sonde_terminal.text import Text
from sonde_wire.engine_reports import decode_engine_reports
from sonde_wire.results import decode_change, decode_result
from sonde_wire.times import from_timestamp

_SHOWN = 50
"""Rows of a history for people; JSON has them all."""


def show(
    diagnosis: Annotated[
        str, typer.Argument(metavar="DIAGNOSIS", help="A diagnosis, such as 7f3c91.")
    ],
    *,
    host: Annotated[str, typer.Option(metavar="H", help="Only this host.")] = "",
    json: options.Json = False,
    reply: options.Reply = False,
    lang: replies.Lang = None,
    tz: replies.Zone = None,
    service: asking.Service,
) -> None:
    """Show a stored diagnosis in detail.

    For each finding: what speaks for and against it, what is missing, the steps that mend it.
    """
    if reply and json:
        raise typer.BadParameter("a mail is for a person, JSON for a program", param_hint="--reply")
    words = replies.words_in(lang, tz)
    stored, results = asyncio.run(_get(service, diagnosis, host))
    if json:
        for result in results:
            print_json(result, words)
        return
    reports = [decode_result(result) for result in results]
    if reply:
        replies.show_replies(service, reports, lang, tz)
        return
    page = output.page()
    output.show(_lines(stored, reports, words, page), page)


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
    began = words.local(from_timestamp(diagnosis.create_time))
    instant = LABELS[words.language].instant
    title = f"{diagnosis.name}{page.signs.separator}{began:{instant}}"
    if diagnosis.stored < diagnosis.expected:
        title += f"{page.signs.separator}{diagnosis.stored}/{diagnosis.expected}"
    lines = hang(Text(" "), page.say(title), page, Role.STRONG)
    for report in reports:
        brief = report.healthy and len(reports) > 1
        lines += [Text(), *tree.tree(report, report.host, words, page)][: 2 if brief else None]
    return [*lines, Text(), *overview.footer(reports, words, page)]


def history(
    host: Annotated[str, typer.Argument(metavar="HOST", help="A host's name.")],
    *,
    json: options.Json = False,
    lang: options.Lang = Language.EN,
    tz: options.Zone = options.UTC_ZONE,
    service: asking.Service,
) -> None:
    """Show what was found on a host before.

    What changed on it and what engines told, too; newest first. The table has the newest 50
    results; --json prints all.
    """
    asyncio.run(_print_history(service, host, Words(lang, tz), as_json=json))


async def _print_history(
    service: ServiceAddress, host: str, words: Words, *, as_json: bool
) -> None:
    async with connect(service) as stub:
        request = pb.GetHistoryRequest(host=host, page_size=_SHOWN)
        while True:
            answer = await stub.GetHistory(request, timeout=DEADLINE)
            if not as_json:
                _show_history(answer, words)
                return
            _print_history_json(host, answer, words)
            if not answer.next_page_token:
                return
            request.page_token = answer.next_page_token


def _entries(answer: pb.GetHistoryResponse) -> list[timeline.Entry]:
    reports = [decode_result(result) for result in answer.results]
    changes = [timeline.SeenChange(c.diagnosis, decode_change(c)) for c in answer.changes]
    engines = [decode_engine_reports(each) for each in answer.engine_reports]
    return timeline.newest_first(reports, changes, engines)


def _print_history_json(host: str, answer: pb.GetHistoryResponse, words: Words) -> None:
    for entry in _entries(answer):
        if isinstance(entry, timeline.SeenChange):
            output.show_json(change_to_json(host, entry.diagnosis, entry.change, words))
        elif isinstance(entry, EngineReports):
            output.show_json(engine_reports_to_json(host, entry, words))
        else:
            output.show_json(to_json(entry, words, ()))


def _show_history(answer: pb.GetHistoryResponse, words: Words) -> None:
    if not answer.results and not answer.engine_reports:
        output.tell("nothing yet; begin with `sonde diagnose`")
        return
    page = output.page()
    more = answer.more_engine_reports
    output.show(timeline.timeline(_entries(answer), words, page, more=more), page)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(
        epilog=options.examples(
            "sonde show 7f3c91",
            "sonde show 7f3c91 --host sgp-01 --lang zh --tz Asia/Shanghai",
            "sonde show 7f3c91 --host sgp-01 --reply",
        )
    )(show)
    app.command(
        epilog=options.examples(
            "sonde history sgp-01",
            "sonde history sgp-01 --lang zh --tz Asia/Shanghai",
            "sonde history sgp-01 --json",
        )
    )(history)
