"""`sonde diagnose`: ask hosts now, side by side."""

import asyncio
import sys
import time
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sonde.support.v1 import support_service_pb2 as pb
from sonde.support.v1.diagnosis_pb2 import HostResult
from sonde_core.findings import Severity
from sonde_core.report import HostReport, exit_code, junit, to_json
from sonde_core.words import Words
from sonde_service.cli import asking, replies
from sonde_service.cli.client import ServiceAddress
from sonde_service.cli.sweep import Sweep
from sonde_terminal import options, output, overview, tree
from sonde_terminal.exits import StoppedError
from sonde_terminal.text import Text
from sonde_wire import readings
from sonde_wire.results import decode_result

_PAUSE = 5
"""Seconds between the end of a diagnosis and the next, while somebody watches."""


class FailOn(StrEnum):
    """From which severity on the exit code says failure."""

    FAILURE = "failure"
    WARNING = "warning"


def diagnose(
    hosts: Annotated[
        list[str] | None,
        typer.Argument(metavar="HOST", help="Names of hosts.", show_default=False),
    ] = None,
    *,
    customer: asking.Customer = None,
    label: asking.Labels = None,
    all_: Annotated[bool, typer.Option("--all", help="Every host.")] = False,
    json: options.Json = False,
    junit_file: options.JunitFile = None,
    reply: options.Reply = False,
    timeout: asking.Timeout = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Diagnose again 5 s after each end, until Ctrl-C.")
    ] = False,
    fail_on: Annotated[
        FailOn, typer.Option(help="What the exit code 3 begins at.")
    ] = FailOn.FAILURE,
    lang: replies.Lang = None,
    tz: replies.Zone = None,
    service: asking.Service,
) -> None:
    """Find out now what is wrong with each host. Every expected host gets a row.

    Exit codes: 0 healthy, 3 a failure was found, 5 a host gave no answer, 4 a warning or
    something unknown, 2 usage or unknown host, 1 could not run, 130 Ctrl-C.
    """
    request = pb.DiagnoseHostsRequest(filter=_filter(hosts, customer, label, everything=all_))
    if timeout is not None:
        request.timeout.FromTimedelta(timeout)
    if junit_file:
        output.check_file(junit_file)
    _check(one_mail=reply, as_json=json, junit=bool(junit_file), watch=watch)
    form = _Form(
        words=replies.words_in(lang, tz),
        as_json=json,
        as_table=not (json or reply),
        junit_file=junit_file,
    )
    reports = _ask(service, request, form)
    while watch:
        time.sleep(_PAUSE)
        reports = _ask(service, request, form)
    if reply:
        replies.show_replies(service, reports, lang, tz)
    raise typer.Exit(exit_code(reports, Severity(fail_on)))


def _check(*, one_mail: bool, as_json: bool, junit: bool, watch: bool) -> None:
    if one_mail and as_json:
        raise typer.BadParameter("a mail is for a person, JSON for a program", param_hint="--reply")
    if watch and (one_mail or junit):
        raise typer.BadParameter("give --reply and --junit to one diagnosis", param_hint="--watch")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """How results are given out."""

    words: Words
    as_json: bool
    as_table: bool
    junit_file: Path | None


def _filter(
    hosts: list[str] | None, customer: str | None, label: list[str] | None, *, everything: bool
) -> pb.HostFilter:
    some = bool(hosts or customer or label)
    if some == everything:
        raise typer.BadParameter(
            "name hosts, or give --customer, --label or --all", param_hint="HOST"
        )
    return pb.HostFilter(
        names=hosts or (),
        customer_email=customer or "",
        labels=dict(asking.pairs(label or (), "--label", "K=V, such as region=sgp")),
    )


def _ask(
    service: ServiceAddress, request: pb.DiagnoseHostsRequest, form: _Form
) -> list[HostReport]:
    with output.progress(shown=not (form.as_json and sys.stdout.isatty())) as bar:
        task = bar.add_task("hosts", total=None, start=False, visible=False)

        def planned(sweep: Sweep) -> None:
            bar.start_task(task)
            bar.update(task, total=len(sweep.expected), visible=True)

        def received(result: HostResult) -> None:
            if form.as_json:
                print_json(result, form.words)
            bar.advance(task)

        sweep = Sweep(request, planned, received)
        try:
            asyncio.run(sweep.run(service))
        except KeyboardInterrupt as error:
            raise StoppedError(f"interrupted; {sweep.progress()}") from error
        finally:
            if form.junit_file and sweep.expected:
                output.write_file(form.junit_file, junit(sweep.reports(), form.words))
    reports = sweep.reports()
    if form.as_table:
        _show(reports, form.words)
    return reports


def print_json(result: HostResult, words: Words) -> None:
    """Print the line of one host."""
    raw = [readings.to_json(reading) for reading in result.readings]
    output.show_json(to_json(decode_result(result), words, raw))


def _show(reports: list[HostReport], words: Words) -> None:
    page = output.page()
    lines: list[Text] = [Text()] if sys.stderr.isatty() else []  # below the bar
    lines += [*overview.table(reports, words, page), Text()]
    if len(reports) == 1:
        lines += [*tree.details(reports[0], words, page), Text()]
    output.show([*lines, *overview.footer(reports, words, page)], page)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        epilog=options.examples(
            "sonde diagnose sgp-01",
            "sonde diagnose --customer li@example.com --lang zh --tz Asia/Shanghai",
            "sonde diagnose --all --json | jq -r 'select(.healthy | not) | .host'",
            "sonde diagnose --label region=tyo --junit result.xml --fail-on warning",
            "sonde diagnose sgp-01 --watch",
            "sonde diagnose sgp-01 --reply",
        )
    )(diagnose)
