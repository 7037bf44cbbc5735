"""What a text means, for people: the cause, what the text says, the steps, what else it can be."""

from collections.abc import Iterator, Sequence

from rich.cells import cell_len, set_cell_size

from sonde_core.answer import Answer
from sonde_core.findings import Severity
from sonde_core.orders import Order
from sonde_core.words import Words
from sonde_terminal.grid import Mark
from sonde_terminal.labels import LABELS, Labels
from sonde_terminal.lines import Role, hang
from sonde_terminal.screen import Page
from sonde_terminal.text import Text

_MARGIN = " " * 3


def answered(answer: Answer, words: Words, page: Page) -> list[Text]:
    """Return the page about one text."""
    return [
        *_headline(answer, words, page),
        *hang(Text(_MARGIN), page.say(answer.meaning), page),
        Text(),
        *_parts(answer, words, page),
        *_remedy(answer, words, page),
    ]


def _headline(answer: Answer, words: Words, page: Page) -> list[Text]:
    labels, explanation = LABELS[words.language], answer.explanation
    sure = labels.confidence[explanation.confidence]
    said = page.say(f"{explanation.cause} {sure}{labels.colon}{answer.title}")
    return hang(_mark(answer).sign(page.signs), said, page, Role.STRONG)


def _mark(answer: Answer) -> Mark:
    refusal = answer.explanation.refusal
    if refusal and refusal.harmless:
        return Mark.of(Severity.INFO)
    return Mark.of(answer.cause.severity) if answer.cause.section or refusal else Mark.UNSURE


def _parts(answer: Answer, words: Words, page: Page) -> Iterator[Text]:
    labels = LABELS[words.language]
    facts = page.signs.separator.join(_facts(answer, words, labels))
    parts: Sequence[tuple[str, list[str]]] = (
        (labels.says, [facts] if facts else []),
        (labels.supports, list(answer.sentences)),
        (labels.missing, list(answer.unread)),
        (labels.or_else, [f"{code}{labels.colon}{title}" for code, title in answer.alternatives]),
    )
    width = max(cell_len(name) for name, _ in parts)
    for name, texts in parts:
        for text in texts:
            lead = Text(f"{_MARGIN}{set_cell_size(name, width)}  ", Role.QUIET)
            yield from hang(lead, page.say(text), page)
            name = ""  # noqa: PLW2901 - said once


def _facts(answer: Answer, words: Words, labels: Labels) -> Iterator[str]:
    facts, said = answer.explanation.facts, labels.facts
    if facts.code is not None:
        yield said.code.format(facts.code)
    if facts.http_status is not None:
        yield f"HTTP {facts.http_status}"
    if facts.surface:
        yield labels.surfaces[facts.surface]
    if facts.request_ip:
        yield said.request_ip.format(facts.request_ip)
    if facts.banned_until:
        over = facts.banned_until <= answer.time
        ban = said.banned_before if over else said.banned_until
        yield ban.format(f"{words.local(facts.banned_until):{labels.instant}}")
    if facts.retry_after is not None:
        yield said.retry_after.format(f"{facts.retry_after.total_seconds():,.0f}")
    if facts.limit:
        yield said.limit.format(facts.limit)
    if facts.symbol and not (facts.order and facts.order.symbol):
        yield said.symbol.format(facts.symbol)
    if facts.filter:
        yield said.filter.format(facts.filter)
    if facts.order:
        yield said.order.format(_order(facts.order))


def _order(order: Order) -> str:
    amount = f"{order.quantity:f}" if order.quantity is not None else ""
    if order.price is not None:
        amount = f"{amount} × {order.price:f}".strip()
    return " ".join(filter(None, (order.side, order.type, amount, order.symbol)))


def _remedy(answer: Answer, words: Words, page: Page) -> Iterator[Text]:
    if not answer.remedy:
        return
    labels = LABELS[words.language]
    owner = labels.owners[answer.cause.owner]
    lead = Text(f"{_MARGIN}{page.signs.arrow} ", Role.STRONG)
    yield from hang(lead, f"{owner}{labels.colon}".strip(), page)
    for number, step in enumerate(answer.remedy, start=1):
        yield from hang(Text(f"{_MARGIN}  {number}. "), page.say(step), page)
