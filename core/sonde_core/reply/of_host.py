"""The mail about a host that was diagnosed, or that could not be asked."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sonde_core.catalogue import Owner
from sonde_core.evidence import Contact
from sonde_core.findings import Confidence, Finding, Item, ItemValue, Severity
from sonde_core.reply.closing import add_closing
from sonde_core.reply.fine import fine
from sonde_core.reply.letter import Letter
from sonde_core.reply.part import Part, add_needed, add_part
from sonde_core.reply.zones import moment, with_named_zone
from sonde_core.report import HostReport
from sonde_core.words import Words, severity_of, values_of

_OURS = frozenset({Contact.REFUSED, Contact.NOT_ENROLLED})
"""What the customer can do nothing about."""
_ADDRESS = ("address", "addresses")


def of_report(report: HostReport, words: Words) -> str:
    """Return the mail to the customer, in the language and the time zone of `words`."""
    named = with_named_zone(words)
    letter = Letter()
    if report.status is Contact.DIAGNOSED:
        _diagnosed(letter, report, named)
    else:
        _silent(letter, report, named)
    return letter.text()


def _silent(letter: Letter, report: HostReport, words: Words) -> None:
    when = moment(report.time, words)
    letter.add(words.phrase("opening_silent", host=report.host, moment=when))
    for part in _parts(report, report.found(), words):
        letter.add_list(words.phrase("because"), part.because)
        if report.status in _OURS:
            letter.add(words.phrase("ours"))
        else:
            add_needed(letter, part, words)
    add_closing(letter, words, "if_it_comes_again")


def _diagnosed(letter: Letter, report: HostReport, words: Words) -> None:
    when = moment(report.time, words)
    letter.add(words.phrase("opening_host", host=report.host, moment=when))
    found = [f for f in report.found() if severity_of(f) is not Severity.INFO]
    parts = _parts(report, found, words)
    _add_parts(letter, parts, words)
    if parts:
        letter.add(words.phrase("again"))
    _add_what_is_fine(letter, report, words, found=bool(parts))
    until = max(_untils(parts), default=None)
    if until:
        add_closing(letter, words, "if_it_persists_after", until=until)
    else:
        add_closing(letter, words, "if_it_persists" if parts else "if_it_comes_again")


def _add_parts(letter: Letter, parts: Sequence[Part], words: Words) -> None:
    """Add what is refused, the surest first, then what could be it, then what is worth mending."""
    sure = [p for p in parts if p.refused and p.confidence is not Confidence.POSSIBLE]
    could = [p for p in parts if p.refused and p.confidence is Confidence.POSSIBLE]
    could.sort(key=lambda part: _takes(part, words))
    if len(sure) > 1:
        letter.add(words.phrase("several_hide", count=len(sure)))
    for number, part in enumerate(sure, start=1):
        add_part(letter, part, words, _place(number, sure))
    together = len(could) > 1 and len({part.settle for part in could}) == 1
    if len(could) > 1:
        letter.add(words.phrase("several_possible", count=len(could)))
        if together and could[0].settle:
            letter.add(words.phrase("settled_by", settle=could[0].settle))
    for number, part in enumerate(could, start=1):
        add_part(letter, part, words, _place(number, could), settle=not together)
    for part in parts:
        if not part.refused:
            add_part(letter, part, words, {})


def _takes(part: Part, words: Words) -> timedelta:
    """Return how long a cause takes to check: what could be it is best tried quickest first."""
    cause = words.cause(part.cause)
    return (cause and cause.takes) or timedelta.max


def _place(number: int, among: Sequence[Part]) -> dict[str, int]:
    return {"number": number, "count": len(among)} if len(among) > 1 else {}


def _add_what_is_fine(letter: Letter, report: HostReport, words: Words, *, found: bool) -> None:
    in_order = words.join(fine(report, words))
    unknown = [words.phrase(f"section_{section.value}") for section in report.unknown_sections()]
    if in_order:
        sure_of_all = "nothing_found" if unknown else "healthy"
        letter.add(words.phrase("fine" if found else sure_of_all, fine=in_order))
    if unknown:
        letter.add(words.phrase("not_checked", sections=words.join(unknown)))


def _parts(report: HostReport, found: Iterable[Finding], words: Words) -> list[Part]:
    """Return the causes, each once: several endpoints, or accounts with the same steps, are one."""
    groups: dict[tuple[str, ...], list[Finding]] = {}
    for finding in found:
        own = words.remedy(finding) if finding.subject.kind == "account" else []
        groups.setdefault((finding.cause, *own), []).append(finding)
    return [_part(report, group, words) for group in groups.values()]


def _part(report: HostReport, group: Sequence[Finding], words: Words) -> Part:
    first = group[0]
    settle = next((f.settle for f in group if f.settle), None)
    values = _values(report, group)
    return Part(
        cause=first.cause,
        confidence=first.confidence or Confidence.POSSIBLE,
        title=_title(report, group, words),
        meaning=words.explanation(first),
        values=values,
        steps=tuple(words.customer_steps_of(first.cause, values)),
        by_itself=words.by_itself_of(first.cause, values),
        because=_told((i for f in group for i in f.supporting), words),
        against=_told((i for f in group for i in f.contradicting), words),
        missing=_told((i for f in group for i in f.missing), words),
        settle=words.mail(settle) if settle else "",
        refused=severity_of(first) is Severity.FAILURE or _at_the_exchange(first, words),
    )


def _at_the_exchange(finding: Finding, words: Words) -> bool:
    """Tell whether only the exchange can end it: nobody else is told that it is worth mending."""
    cause = words.cause(finding.cause)
    return cause is not None and cause.owner is Owner.EXCHANGE


def _told(items: Iterable[Item], words: Words) -> tuple[str, ...]:
    return tuple(words.mail(item) for item in items)


def _title(report: HostReport, group: Sequence[Finding], words: Words) -> str:
    title = words.title(group[0])
    accounts = {f.subject.name for f in report.findings if f.subject.kind == "account"}
    if len(accounts) > 1 and group[0].subject.kind == "account":
        named = words.join(sorted({finding.subject.name for finding in group}))
        return words.phrase("of_accounts", title=title, accounts=named)
    return title


def _values(report: HostReport, group: Sequence[Finding]) -> dict[str, ItemValue]:
    """Return what is known of a cause; the host's own address is told whoever found it out."""
    values: dict[str, ItemValue] = {}
    for name in _ADDRESS:
        seen = {v for f in report.findings for i in f.supporting if (v := i.values.get(name))}
        values |= {name: seen.pop()} if len(seen) == 1 else {}
    for finding in reversed(group):
        values |= values_of(finding)
    untils = [u for f in group if isinstance(u := values_of(f).get("until"), datetime)]
    return values | ({"until": max(untils)} if untils else {})


def _untils(parts: Iterable[Part]) -> list[datetime]:
    return [u for part in parts if isinstance(u := part.values.get("until"), datetime)]
