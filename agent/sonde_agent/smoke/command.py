"""`sonde-agent smoke`: the options, and what is shown."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from sonde_agent.smoke.result import Outcome, SmokeResult, junit, to_json
from sonde_agent.smoke.run import Target
from sonde_agent.smoke.run import smoke as run
from sonde_core.settings import Span
from sonde_terminal import options, output
from sonde_terminal.grid import Mark, Row, grid
from sonde_terminal.labels import count
from sonde_terminal.lines import hang
from sonde_terminal.screen import Page
from sonde_terminal.text import Text
from sonde_wire.addresses import UnixAddress, parse_address
from sonde_wire.tls import TlsFiles

EXAMPLES = options.examples(
    "sonde-agent smoke unix:/run/sonde/agent.sock --wait 30s",
    "sonde-agent smoke 127.0.0.1:9443 --tls-ca ca.pem --tls-cert ci.pem --tls-key ci.key "
    "--tls-name agent",
    "sonde-agent smoke unix:/run/sonde/agent.sock --junit smoke.xml",
)
_MARKS = {
    Outcome.PASSED: Mark.GOOD,
    Outcome.FAILED: Mark.BAD,
    Outcome.ERROR: Mark.UNSURE,
}
_TIMEOUT = Span(seconds=5)
_Pem = Path | None


def smoke(
    address: Annotated[str, typer.Argument(help='"unix:/path" or "host:port".')],
    *,
    tls_ca: Annotated[
        _Pem, typer.Option(metavar="FILE", help="The authority, where the agent serves TLS.")
    ] = None,
    tls_cert: Annotated[_Pem, typer.Option(metavar="FILE", help="A client certificate.")] = None,
    tls_key: Annotated[_Pem, typer.Option(metavar="FILE", help="Its private key.")] = None,
    tls_name: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="What the agent's certificate must carry, if not the host."
        ),
    ] = "",
    timeout: Annotated[
        Span | None,
        typer.Option(
            metavar="SPAN",
            parser=options.span,
            help="How long a call may take; 5s unless given.",
            show_default=False,
        ),
    ] = None,
    wait: Annotated[
        Span | None,
        typer.Option(
            metavar="SPAN",
            parser=options.span,
            help="How long to wait for the agent to come up; not at all unless given.",
            show_default=False,
        ),
    ] = None,
    json: options.Json = False,
    junit_file: options.JunitFile = None,
) -> None:
    """Test a running agent from outside: health, every RPC, TLS, deadlines.

    Exit codes: 0 all passed, 3 a check failed, 1 could not reach it or could not run a check,
    2 usage, 130 Ctrl-C.
    """
    if junit_file:
        output.check_file(junit_file)
    target = Target(
        address=address,
        tls=_tls(address, tls_ca, tls_cert, tls_key, tls_name),
        tls_name=tls_name,
        timeout=timeout or _TIMEOUT,
        wait=wait or timedelta(),
    )
    with output.busy():
        result = asyncio.run(run(target))
    if junit_file:
        output.write_file(junit_file, junit(result))
    if json:
        output.show_json(to_json(result))
    else:
        page = output.page()
        output.show(list(_lines(result, page)), page)
    raise typer.Exit(result.exit_code)


def _tls(
    address: str, ca: Path | None, cert: Path | None, key: Path | None, name: str
) -> TlsFiles | None:
    """Return the files of TLS: all of them or none."""
    target = parse_address(address)
    if ca is None or cert is None or key is None:
        if ca or cert or key or name:
            raise typer.BadParameter(
                "--tls-ca, --tls-cert and --tls-key go together: give all three"
            )
        if not target.local:
            raise typer.BadParameter(
                f"{address} is another machine, and plain text is for this one: give --tls-ca, "
                "--tls-cert and --tls-key"
            )
        return None
    if isinstance(target, UnixAddress):
        raise typer.BadParameter(f"{address} is a unix socket, which has no TLS: leave out --tls-*")
    return TlsFiles(ca_file=ca, cert_file=cert, key_file=key)


def _lines(result: SmokeResult, page: Page) -> Iterator[Text]:
    rows = [
        Row(
            mark=_MARKS[check.outcome],
            name=page.say(check.name, limit=80),
            head=f"{check.elapsed / timedelta(milliseconds=1):,.0f} ms",
            middle=(),
            rest=page.say(check.detail),
        )
        for check in result.checks
    ]
    yield from grid(("CHECK", "TIME", "ANSWER"), rows, page)
    failed, not_run = result.count(Outcome.FAILED), result.count(Outcome.ERROR)
    parts = [
        count(len(rows), ("check", "checks")),
        f"{failed} failed",
        *([f"{not_run} could not run"] if not_run else []),
        f"{result.elapsed / timedelta(seconds=1):.1f} s",
    ]
    yield Text()
    yield from hang(Text(" "), page.signs.separator.join(parts), page)
