"""`sonde explain`: what an error text means. It asks nobody.

People run it many times a day, so it must start at once: without gRPC, and without typer, whose
library for checking options takes longer to load than all that is done here.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, tzinfo

from sonde_core.answer import answer, to_json
from sonde_core.catalogue import Language
from sonde_core.errors import RequestInvalidError
from sonde_core.exits import Exit
from sonde_core.explainer import explain
from sonde_core.findings import Item
from sonde_core.order_numbers import numbers_of
from sonde_core.words import Words
from sonde_terminal.parsing import Parser, usage_error

_COMMAND = "sonde explain"
ABOUT = "Say what an error text means. It needs no service."
ASKING = frozenset({"--host", "--service"})
"""The options that need a service after all."""
_MORE = """
Takes what people send: JSON, tracebacks, logs, HTML, headers, in English or Chinese.
With --host, the service has that host's agent read the live limits of the order's symbol.
Exit codes: 0 explained, also where it is no failure at Binance; 2 usage.
"""
_EXAMPLES = """\
Examples:
    sonde explain '-2015 Invalid API-key, IP, or permissions for action.'
    journalctl -u engine -n 50 | sonde explain - --lang zh
    sonde explain --reply --lang zh --tz Asia/Shanghai - < mail.txt
    sonde explain --host sgp-01 "-4164 Order's notional must be no smaller than 5: ETHUSDT"
    sonde explain --batch texts.jsonl | jq -r .cause | sort | uniq -c
"""
_HOW = (
    "give the text in quotes, as in `sonde explain '-1021 Timestamp for this request was ...'`, "
    "or pipe it: `... | sonde explain -`"
)


Live = Callable[[str, str], tuple[Item, ...]]
"""From a host and a text to the order's numbers beside live limits."""


def run(arguments: Sequence[str], live: Live | None = None) -> int:
    """Do what the arguments say and return the exit code. Raises a usage error.

    Where an option of `ASKING` is among them, `live` must be there.
    """
    given = _parser().parse_args(arguments)
    if given.reply and (given.json or given.batch):
        raise _usage("--reply: a mail is for a person; give it alone")
    if given.batch is not None and given.text is not None:
        raise _usage("--batch: give a text or a file, not both")
    if given.batch is not None and given.host:
        raise _usage("--host: one text at a time")
    if given.batch is not None:
        from sonde_service.cli.batch import explain_each  # noqa: PLC0415

        explain_each(given.batch)
    else:
        _explain(_read(given.text), given, live)
    sys.stdout.flush()
    return Exit.HEALTHY


def _read(text: str | None) -> str:
    if text is not None and text != "-":
        return text
    nothing = text is None and sys.stdin.isatty()
    piped = b"" if nothing else sys.stdin.buffer.read()
    if text is None and not piped.strip():
        raise _usage(_HOW)
    return piped.decode(errors="replace")


def _explain(text: str, given: argparse.Namespace, live: Live | None) -> None:
    # What only some need is loaded where it is needed.
    words = Words(Language(given.lang), given.tz or UTC)
    now = datetime.now(UTC)
    explanation = explain(text)
    numbers = live(given.host, text) if given.host and live else numbers_of(explanation, text)
    from sonde_terminal import output  # noqa: PLC0415

    if given.reply:
        from sonde_core import reply  # noqa: PLC0415

        output.show_plain(reply.of_explanation(explanation, words, now, numbers))
    elif given.json:
        output.show_json(to_json(answer(explanation, words, now, numbers)))
    else:
        from sonde_terminal.answered import answered  # noqa: PLC0415

        page = output.page()
        output.show(answered(answer(explanation, words, now, numbers), words, page), page)


def _zone(name: str) -> tzinfo:
    from sonde_terminal.zones import zone  # noqa: PLC0415

    try:
        return zone(name)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _usage(message: str) -> RequestInvalidError:
    return usage_error(_COMMAND, message)


def _parser() -> Parser:
    parser = Parser(_COMMAND, "[OPTIONS] [TEXT]", ABOUT + _MORE, _EXAMPLES)
    add = parser.add_argument_group("Arguments").add_argument
    add("text", metavar="TEXT", nargs="?", help="The text; - reads it from standard input.")
    add = parser.add_argument_group("Options").add_argument
    add("--host", metavar="H", help="Beside the live limits that this host's agent reads.")
    add("--batch", metavar="FILE", help='Explain JSON lines {"id", "text"}; - is standard input.')
    add("--json", action="store_true", help="Print JSON.")
    add("--reply", action="store_true", help="Print the mail to send to the customer.")
    languages = [language.value for language in Language]
    add("--lang", choices=languages, default="en", help="Language of titles and sentences.")
    add("--tz", metavar="ZONE", type=_zone, help="Time zone of times shown; UTC if not given.")
    add("--help", action="help", help="Show this message and exit.")
    return parser
