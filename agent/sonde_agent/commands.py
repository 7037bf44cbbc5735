"""The commands of `sonde-agent` that people type."""

import asyncio
import logging
import os
from pathlib import Path
from typing import Annotated

import typer

from sonde_agent import config as configuration
from sonde_agent import logs
from sonde_agent.agent import DEFAULT, LONGEST
from sonde_agent.check import check as check_host
from sonde_agent.config import host
from sonde_agent.main import build, restored
from sonde_agent.main import run as serve
from sonde_agent.places import CONFIG_VARIABLE, DEFAULT_CONFIG
from sonde_agent.smoke import command as smoke
from sonde_core.catalogue import Language
from sonde_core.errors import ConfigInvalidError
from sonde_core.report import exit_code, junit, to_json
from sonde_core.settings import Span
from sonde_core.words import Words
from sonde_terminal import options, output, tree
from sonde_terminal.commands import new_app
from sonde_terminal.labels import LABELS, count
from sonde_terminal.options import examples
from sonde_terminal.text import Text
from sonde_wire import readings as wire

_SHORTEST = Span(milliseconds=100)


app = new_app(
    "sonde-agent",
    epilog=examples("sonde-agent config check", "sonde-agent check", "sonde-agent run"),
)
config_app = new_app(
    "config",
    "Look after the configuration.",
    epilog=examples("sonde-agent config check --config agent.toml"),
)
app.add_typer(config_app)


def _timeout(text: str) -> Span:
    timeout = options.span(text)
    if not _SHORTEST <= timeout <= LONGEST:
        raise typer.BadParameter(f"{text} will not do: give 100ms to 60s")
    return timeout


Config = Annotated[
    Path,
    typer.Option(
        "--config", metavar="FILE", envvar=CONFIG_VARIABLE, help="The agent's configuration."
    ),
]


@app.callback()
def root(
    *,
    _: options.Version = False,
) -> None:
    """Measure on this host why Binance refuses it. Keys never leave the host."""


@app.command(epilog=examples("sonde-agent run --config /etc/sonde/agent.toml"))
def run(config: Config = DEFAULT_CONFIG) -> None:
    """Serve until SIGTERM or Ctrl-C. SIGHUP reads the configuration again."""
    serve(lambda: configuration.read(config, os.environ))


@app.command(
    epilog=examples(
        "sonde-agent check",
        "sonde-agent check --config agent.toml --lang zh --tz Asia/Shanghai",
        "sonde-agent check --json | jq '.findings[] | select(.verdict == \"found\")'",
        "sonde-agent check --junit result.xml",
    )
)
def check(
    *,
    config: Config = DEFAULT_CONFIG,
    json: options.Json = False,
    junit_file: options.JunitFile = None,
    lang: options.Lang = Language.EN,
    tz: options.Zone = options.UTC_ZONE,
    timeout: Annotated[
        Span | None,
        typer.Option(
            metavar="SPAN",
            parser=_timeout,
            help="How long it may take: 100ms to 60s; 12s unless given.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Diagnose this host here, without any service.

    Exit codes: 0 healthy, 3 a failure was found, 4 a warning or something unknown,
    2 usage or configuration, 1 could not run, 130 Ctrl-C.
    """
    logs.configure(logging.WARNING)
    if junit_file:
        output.check_file(junit_file)
    words = Words(lang, tz)
    read = configuration.read(config, os.environ)
    host.check_user(read)
    agent = build(read)
    restored(read, agent)
    with output.busy():
        report, readings = asyncio.run(check_host(agent, timeout or DEFAULT))
    if junit_file:
        output.write_file(junit_file, junit([report], words))
    if json:
        output.show_json(to_json(report, words, [wire.to_json(wire.encode(r)) for r in readings]))
    else:
        page = output.page()
        lines = tree.tree(report, LABELS[lang].access, words, page)
        output.show([*lines, Text(), *tree.summary(report, words, page)], page)
    raise typer.Exit(exit_code([report]))


app.command("smoke", epilog=smoke.EXAMPLES)(smoke.smoke)


@config_app.command("check", epilog=examples("sonde-agent config check --config agent.toml"))
def check_config(config: Config = DEFAULT_CONFIG) -> None:
    """Read the configuration and every file that it names, and say what is wrong."""
    read = configuration.read(config, os.environ)
    try:
        host.check(read)
    except ConfigInvalidError as error:
        raise ConfigInvalidError(f"{config}: {error}", **error.metadata) from error
    accounts = ", ".join(account.name for account in read.account) or "none"
    servers = count(len(read.clock.servers), ("NTP server", "NTP servers"))
    services = count(len(read.egress.echo_urls), ("echo service", "echo services"))
    typer.echo(f"{config} is good: {servers}, {services}, accounts {accounts}")
