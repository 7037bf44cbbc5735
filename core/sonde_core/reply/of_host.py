"""The mail about a host that was diagnosed, or that could not be asked."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import combinations

from sonde_core.catalogue import Owner, Section
from sonde_core.evidence import Contact
from sonde_core.findings import Confidence, Finding, Item, ItemValue, Severity
from sonde_core.reply.closing import add_closing
from sonde_core.reply.fine import fine
from sonde_core.reply.letter import Letter
from sonde_core.reply.moment import moment
from sonde_core.reply.part import Part, add_needed, add_part
from sonde_core.report import HostReport
from sonde_core.words import Words, severity_of, values_of

_OURS = frozenset({Contact.REFUSED, Contact.NOT_ENROLLED})
"""What the customer can do nothing about."""
_WE_LOOK_AGAIN = frozenset({"settle_ask_again", "settle_restrictions"})
"""What settles it without the customer, and before anything is changed."""
_OF_THE_PLACE = frozenset({"address", "addresses", "listed", "replaced"})
"""What is another where the host is moved."""
_OF_ONE_ACCOUNT = frozenset({Section.IP, Section.PERMISSION})
"""What an account's own key or list is to be mended for; all else is mended once for all."""


def of_report(report: HostReport, words: Words) -> str:
    """Return the mail to the customer, in the language and the time zone of `words`."""
    letter = Letter()
    if report.status is Contact.DIAGNOSED:
        _diagnosed(letter, report, words)
    else:
        _silent(letter, report, words)
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
    if parts and not any(f.settle and f.settle.id in _WE_LOOK_AGAIN for f in found):
        letter.add(words.phrase("again"))
    _add_what_is_fine(letter, report, words, parts)
    known = {item.id for finding in found for item in finding.supporting}
    _close(letter, parts, words, other_key="key_replaced" in known)


def _close(letter: Letter, parts: Sequence[Part], words: Words, *, other_key: bool) -> None:
    """Ask for what would help, from when on an error is one that nobody expects any more."""
    until = max(_untils(parts), default=None)
    refused = [part for part in parts if part.refused]
    if until:
        lead, values = "if_it_persists_after", {"until": until}
    elif any(part.asks for part in refused):
        lead, values = "if_it_persists", {}
    else:
        lead, values = "if_it_comes_after" if refused else "if_it_comes_again", {}
    add_closing(letter, words, lead, other_key=other_key, **values)


def _add_parts(letter: Letter, parts: Sequence[Part], words: Words) -> None:
    """Add what is refused, the surest first, then what could be it, then what is worth mending."""
    refused = [part for part in parts if part.refused]
    sure = [part for part in refused if part.confidence is not Confidence.POSSIBLE]
    could = [part for part in refused if part.confidence is Confidence.POSSIBLE]
    if len(sure) > 1:
        several = "several_hide" if _may_hide(sure) else "several_found"
        letter.add(words.phrase(several, count=len(sure)))
        sure = [replace(part, by_itself="") for part in sure]
    for number, part in enumerate(sure, start=1):
        add_part(letter, part, words, _place(number, sure))
    if len(sure) > 1:
        letter.add(words.phrase("recovers_after_all"))
    told = {part.settle for part in sure}
    if sure:
        likely = any(part.confidence is Confidence.LIKELY for part in sure)
        otherwise = likely and len(could) == 1
        could = [replace(part, by_itself="", otherwise=otherwise) for part in could]
    lead = "several_possible_too" if sure else "several_possible"
    _add_what_could_be(letter, lead, [_untold(part, told) for part in could], words)
    for part in parts:
        if not part.refused:
            add_part(letter, replace(part, by_itself=""), words, {})
    if parts and not refused:
        letter.add(words.phrase("goes_on"))


def _may_hide(parts: Sequence[Part]) -> bool:
    """Tell whether one of the causes is met before another: in one account, or on the way there."""
    accounts = [part.accounts for part in parts]
    return any(not one or not two or one & two for one, two in combinations(accounts, 2))


def _untold(part: Part, settles: Container[str]) -> Part:
    return replace(part, settle="") if part.settle in settles else part


def _common(lists: Sequence[Sequence[str]]) -> list[str]:
    return [line for line in lists[0] if all(line in each for each in lists)]


def _add_what_could_be(letter: Letter, lead: str, could: Sequence[Part], words: Words) -> None:
    """Add the causes of which it may be any; what holds for all of them stands before them."""
    if len(could) > 1:
        letter.add(words.phrase(lead, count=len(could)))
        because = _common([part.because for part in could])
        missing = _common([part.missing for part in could])
        letter.add_list(words.phrase("because"), because)
        letter.add_list(words.phrase("unknown_yet"), missing)
        could = [
            replace(
                part,
                because=tuple(line for line in part.because if line not in because),
                missing=tuple(line for line in part.missing if line not in missing),
            )
            for part in could
        ]
        settle = could[0].settle
        if settle and len({part.settle for part in could}) == 1:
            letter.add(words.phrase("settled_by", settle=settle))
            could = [_untold(part, {settle}) for part in could]
    for number, part in enumerate(could, start=1):
        add_part(letter, part, words, _place(number, could))


def _place(number: int, among: Sequence[Part]) -> dict[str, int]:
    return {"number": number, "count": len(among)} if len(among) > 1 else {}


def _add_what_is_fine(
    letter: Letter, report: HostReport, words: Words, parts: Sequence[Part]
) -> None:
    in_order = words.join(fine(report, words))
    unknown = [words.phrase(f"section_{section.value}") for section in report.unknown_sections()]
    if in_order:
        sure_of_all = "nothing_found" if unknown else "healthy"
        letter.add(words.phrase("fine" if parts else sure_of_all, fine=in_order))
    if unknown:
        hidden = any(part.refused for part in parts)
        phrase = "not_checked_yet" if hidden else "not_checked"
        letter.add(words.phrase(phrase, sections=words.join(unknown)))


def _parts(report: HostReport, found: Sequence[Finding], words: Words) -> list[Part]:
    """Return the causes, each once: several endpoints, or accounts with the same steps, are one."""
    groups: dict[tuple[str, ...], list[Finding]] = {}
    for finding in found:
        cause = words.cause(finding.cause)
        own = words.remedy(finding) if cause and cause.section in _OF_ONE_ACCOUNT else []
        groups.setdefault((finding.cause, *own), []).append(finding)
    return [_part(report, found, group, words) for group in groups.values()]


def _part(
    report: HostReport, found: Iterable[Finding], group: Sequence[Finding], words: Words
) -> Part:
    first, values = group[0], _values(report, group)
    cause = words.cause(first.cause)
    others = [words.cause(finding.cause) for finding in found if finding.cause != first.cause]
    moves = any(other.moves for other in others if other)
    if moves:
        values = {name: value for name, value in values.items() if name not in _OF_THE_PLACE}
    sure = first.confidence is Confidence.CONFIRMED
    settle = None if sure else next((f.settle for f in group if f.settle), None)
    # Whoever is asked to wait with everything is not told what to do meanwhile.
    waits = bool(settle and settle.id in _WE_LOOK_AGAIN)
    waits = waits and first.confidence is Confidence.POSSIBLE
    accounts = {f.subject.name if f.subject.kind == "account" else "" for f in group}
    return Part(
        cause=first.cause,
        confidence=first.confidence or Confidence.POSSIBLE,
        title=_title(report, group, words),
        meaning=words.explanation(first, {other.section for other in others if other}),
        values=values,
        steps=() if waits else _steps(first, values, words, moves=moves),
        by_itself="" if waits else words.by_itself(first, values),
        because=_told((i for f in group for i in f.supporting), words),
        against=_told((i for f in group for i in f.contradicting), words),
        missing=_told((i for f in group for i in f.missing), words),
        settle=words.mail(settle) if settle else "",
        refused=severity_of(first) is Severity.FAILURE or _at_the_exchange(first, words),
        asks=not waits and cause is not None and cause.owner is Owner.CUSTOMER,
        accounts=frozenset() if "" in accounts else frozenset(accounts),
    )


def _steps(
    finding: Finding, values: Mapping[str, ItemValue], words: Words, *, moves: bool
) -> tuple[str, ...]:
    """Return what the customer is to do, of a host that stays or `moves` to another address."""
    cause = words.cause(finding.cause)
    if moves and cause and cause.section is Section.IP and cause.copy == "address":
        return (words.phrase("after_the_move"),)
    return tuple(words.customer_steps(finding, values))


def _at_the_exchange(finding: Finding, words: Words) -> bool:
    """Tell whether only the exchange can end it: nobody else is told that it is worth mending."""
    cause = words.cause(finding.cause)
    return cause is not None and cause.owner is Owner.EXCHANGE


def _told(items: Iterable[Item], words: Words) -> tuple[str, ...]:
    """Return evidence in words, without what another line of it says as well and goes on."""
    lines = list(dict.fromkeys(words.mail(item) for item in items))
    beginnings = {line for line in lines for other in lines if _goes_on(other, line)}
    return tuple(line for line in lines if line not in beginnings)


def _goes_on(longer: str, line: str) -> bool:
    return longer != line and longer.startswith(line.rstrip("."))


def _title(report: HostReport, group: Sequence[Finding], words: Words) -> str:
    title = words.title(group[0])
    accounts = {f.subject.name for f in report.findings if f.subject.kind == "account"}
    if len(accounts) > 1 and group[0].subject.kind == "account":
        named = words.join(sorted({finding.subject.name for finding in group}))
        return words.phrase("of_accounts", title=title, accounts=named)
    return title


def _values(report: HostReport, group: Sequence[Finding]) -> dict[str, ItemValue]:
    """Return what is known of a cause; the host's own address is told whoever found it out."""
    values = _own_address(report)
    for finding in reversed(group):
        values |= values_of(finding)
    untils = [u for f in group if isinstance(u := values_of(f).get("until"), datetime)]
    return values | ({"until": max(untils)} if untils else {})


def _own_address(report: HostReport) -> dict[str, ItemValue]:
    """Return the address by which the host leaves, or all of them where there are several."""
    told = [i.values for f in report.in_section(Section.IP) for i in f.supporting]
    one = {str(values["address"]) for values in told if "address" in values}
    several = [v for values in told if isinstance(v := values.get("addresses"), tuple)]
    one = one or {address for addresses in several for address in addresses}
    if len(one) == 1:
        return {"address": one.pop()}
    return {"addresses": tuple(sorted(one))} if one else {}


def _untils(parts: Iterable[Part]) -> list[datetime]:
    return [u for part in parts if isinstance(u := part.values.get("until"), datetime)]
