"""`sonde diagnose`: ask hosts now, side by side."""

import asyncio
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from sonde.support.v1 import support_service_pb2 as pb
from sonde.support.v1.diagnosis_pb2 import HostResult
from sonde_core.catalogue import Language
from sonde_core.findings import Severity
from sonde_core.report import HostReport, exit_code, junit, to_json
from sonde_core.words import Words
from sonde_service.cli import asking
from sonde_service.cli.client import ServiceAddress
from sonde_service.cli.sweep import Sweep
from sonde_terminal import options, output, overview, tree
from sonde_terminal.exits import StoppedError
from sonde_wire import readings
from sonde_wire.results import decode_result


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
    timeout: asking.Timeout = None,
    fail_on: Annotated[
        FailOn, typer.Option(help="What the exit code 3 begins at.")
    ] = FailOn.FAILURE,
    lang: options.Lang = Language.EN,
    tz: options.Zone = options.UTC_ZONE,
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
    words = Words(lang, tz)
    reports = _ask(service, request, words, as_json=json, junit_file=junit_file)
    if not json:
        _show(reports, words)
    raise typer.Exit(exit_code(reports, Severity(fail_on)))


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
    service: ServiceAddress,
    request: pb.DiagnoseHostsRequest,
    words: Words,
    *,
    as_json: bool,
    junit_file: Path | None,
) -> list[HostReport]:
    with output.progress(shown=not (as_json and sys.stdout.isatty())) as bar:
        task = bar.add_task("hosts", total=None, start=False, visible=False)

        def planned(sweep: Sweep) -> None:
            bar.start_task(task)
            bar.update(task, total=len(sweep.expected), visible=True)

        def received(result: HostResult) -> None:
            if as_json:
                print_json(result, words)
            bar.advance(task)

        sweep = Sweep(request, planned, received)
        try:
            asyncio.run(sweep.run(service))
        except KeyboardInterrupt as error:
            raise StoppedError(f"interrupted; {sweep.progress()}") from error
        finally:
            if junit_file and sweep.expected:
                output.write_file(junit_file, junit(sweep.reports(), words))
    return sweep.reports()


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
        )
    )(diagnose)
