"""The commands of `sonde-agent` that people type."""

import asyncio
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from typer.exceptions import TyperException
from typer.main import get_command

from sonde_agent import config as configuration
from sonde_agent import logs, output
from sonde_agent.agent import DEFAULT, LONGEST
from sonde_agent.check import check as check_host
from sonde_agent.cli import CONFIG_VARIABLE, DEFAULT_CONFIG
from sonde_agent.config import AgentConfig
from sonde_agent.keyring import KeyFiles
from sonde_agent.main import build
from sonde_agent.main import run as serve
from sonde_core import tree
from sonde_core.catalogue import Language
from sonde_core.errors import ConfigInvalidError
from sonde_core.labels import LABELS
from sonde_core.readings import Failure
from sonde_core.report import Exit, exit_code, junit, to_json
from sonde_core.settings import Span
from sonde_core.words import Words
from sonde_wire import readings as wire
from sonde_wire.tls import TlsFiles

_SHORTEST = Span(milliseconds=100)


def _examples(*lines: str) -> str:
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


app = typer.Typer(
    name="sonde-agent",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    epilog=_examples("sonde-agent config check", "sonde-agent check", "sonde-agent run"),
)
config_app = typer.Typer(
    name="config",
    help="Look after the configuration.",
    no_args_is_help=True,
    rich_markup_mode=None,
    epilog=_examples("sonde-agent config check --config agent.toml"),
)
app.add_typer(config_app)


def _zone(name: object) -> ZoneInfo:
    try:
        return ZoneInfo(str(name))
    except (KeyError, ValueError, OSError) as error:
        raise typer.BadParameter(
            f"there is no time zone {str(name)!r}; write an IANA name such as Asia/Shanghai"
        ) from error


def _span(text: object) -> Span:
    if isinstance(text, Span):
        return text
    try:
        span = Span.parse(str(text))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    if not _SHORTEST <= span <= LONGEST:
        raise typer.BadParameter(f"{text} will not do: give 100ms to 60s")
    return span


Config = Annotated[
    Path,
    typer.Option(
        "--config", metavar="FILE", envvar=CONFIG_VARIABLE, help="The agent's configuration."
    ),
]


def _version(asked: bool) -> None:  # noqa: FBT001 - typer calls it
    if asked:
        typer.echo(f"sonde-agent {version('sonde')}")
        raise typer.Exit


@app.callback()
def root(
    *,
    _: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Print the version and leave."
        ),
    ] = False,
) -> None:
    """Measure on this host why Binance refuses it. Keys never leave the host."""


@app.command(epilog=_examples("sonde-agent run --config /etc/sonde/agent.toml"))
def run(config: Config = DEFAULT_CONFIG) -> None:
    """Serve until SIGTERM or Ctrl-C."""
    serve(configuration.read(config, os.environ))


@app.command(
    epilog=_examples(
        "sonde-agent check",
        "sonde-agent check --config agent.toml --lang zh --tz Asia/Shanghai",
        "sonde-agent check --json | jq '.findings[] | select(.verdict == \"found\")'",
        "sonde-agent check --junit result.xml",
    )
)
def check(
    *,
    config: Config = DEFAULT_CONFIG,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON line.")] = False,
    junit_file: Annotated[
        Path | None, typer.Option("--junit", metavar="FILE", help="Write a JUnit file.")
    ] = None,
    lang: Annotated[Language, typer.Option(help="Language of the sentences.")] = Language.EN,
    tz: Annotated[
        ZoneInfo, typer.Option(metavar="ZONE", parser=_zone, help="Time zone of times shown.")
    ] = ZoneInfo("UTC"),  # noqa: B008
    timeout: Annotated[
        Span,
        typer.Option(
            metavar="SPAN",
            parser=_span,
            help="How long it may take: 100ms to 60s; 12s unless given.",
            show_default=False,
        ),
    ] = Span(seconds=DEFAULT.total_seconds()),  # noqa: B008
) -> None:
    """Diagnose this host here, without any service.

    Exit codes: 0 healthy, 3 a failure was found, 4 a warning or something unknown,
    2 usage or configuration, 1 could not run, 130 Ctrl-C.
    """
    logs.configure(logging.WARNING)
    if junit_file:
        output.check_file(junit_file)
    words = Words(lang, tz)
    agent = build(configuration.read(config, os.environ))
    with output.busy():
        report, readings = asyncio.run(check_host(agent, timeout))
    if junit_file:
        output.write_file(junit_file, junit([report], words))
    if json:
        output.show_json(to_json(report, words, [wire.to_json(wire.encode(r)) for r in readings]))
    else:
        page = output.page()
        lines = tree.tree(report, LABELS[lang].access, words, page)
        output.show([*lines, (), *tree.summary(report, words, page)], page)
    raise typer.Exit(exit_code([report]))


@config_app.command("check", epilog=_examples("sonde-agent config check --config agent.toml"))
def check_config(config: Config = DEFAULT_CONFIG) -> None:
    """Read the configuration and every file that it names, and say what is wrong."""
    read = configuration.read(config, os.environ)
    for flaw in _flaws(read):
        raise ConfigInvalidError(f"{config}: {flaw}")
    accounts = ", ".join(account.name for account in read.account) or "none"
    servers, urls = len(read.clock.servers), len(read.egress.echo_urls)
    typer.echo(
        f"{config} is good: {servers} NTP servers, {urls} echo services, accounts {accounts}"
    )


def _flaws(config: AgentConfig) -> Iterator[str]:
    """Return what is wrong with the files that a configuration names. Raises for TLS files."""
    for account in config.account:
        files = KeyFiles(api_key_file=account.api_key_file, secret_file=account.secret_file)
        loaded = files.load()
        if isinstance(loaded, Failure):
            yield f"account {account.name}: {loaded.detail}"
    tls = config.agent.tls
    if tls:
        TlsFiles(ca_file=tls.ca_file, cert_file=tls.cert_file, key_file=tls.key_file).load()


def run_command(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code. Usage errors take one line."""
    try:
        code = get_command(app).main(
            list(arguments), prog_name="sonde-agent", standalone_mode=False
        )
        sys.stdout.flush()
    except TyperException as error:
        return _usage(error)
    except BrokenPipeError:
        # Whoever read has gone; without this, Python complains once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.COULD_NOT_RUN
    if code == Exit.INTERRUPTED:  # typer has taken the Ctrl-C
        raise KeyboardInterrupt
    return int(code or Exit.HEALTHY)


def _usage(error: TyperException) -> int:
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "sonde-agent"
    text = error.format_message()
    if text.startswith("Usage:"):  # nothing was asked for: the help is the answer
        sys.stderr.write(f"{text}\n")
    else:
        sys.stderr.write(f"sonde-agent: {text} (see `{command} --help`)\n")
    return Exit.USAGE
