import re
from datetime import timedelta
from itertools import product

import pytest
from rich.cells import cell_len

from sonde_core.catalogue import Language
from sonde_core.evidence import Contact
from sonde_core.findings import Confidence, Finding, Severity, Verdict
from sonde_core.readings import HOST, SIGNED_KINDS, SPOT, USDM, Closure, Kind, Reading, Subject
from sonde_core.report import HostReport
from sonde_core.words import Words
from sonde_terminal.overview import footer, table
from sonde_terminal.screen import ASCII, Page
from sonde_terminal.text import Text
from sonde_terminal.tree import summary, tree
from tests.core.cases import CASES
from tests.core.clock_cases import NOBODY
from tests.core.hosts import NOW, host, reading
from tests.core.reports import report_of


def text(lines: list[Text]) -> list[str]:
    return [line.plain.rstrip() for line in lines]


PAGES = (Page(100), Page(60), Page(40), Page(40, ASCII))


@pytest.mark.parametrize("case", CASES)
def test_every_case_fits_every_page_in_every_language(case: str) -> None:
    shown = report_of(CASES[case])

    for page, language in product(PAGES, Language):
        words = Words(language)
        lines = text(
            [
                *table([shown], words, page),
                *tree(shown, "title", words, page),
                *summary(shown, words, page),
                *footer([shown], words, page),
            ]
        )
        assert max(map(cell_len, lines)) <= page.width
        assert not any("{" in line for line in lines)
        if page.signs is ASCII and language is Language.EN:
            assert all(line.isascii() for line in lines)


@pytest.mark.parametrize("case", CASES)
def test_every_case_has_a_row_that_begins_with_a_sign_and_the_host(case: str) -> None:
    for page in PAGES:
        rows = text(table([report_of(CASES[case])], Words(), page))

        named = [row for row in rows if re.match(r" (✓|✗|!|\?|i|ok|x) +sgp-01 ", row)]
        assert len(named) == 1


def test_several_causes_on_one_host_are_several_rows_that_name_it_once() -> None:
    both = report_of(CASES["withdrawals on"])
    more = HostReport(
        diagnosis="7f3c91",
        host="sgp-01",
        time=NOW,
        status=Contact.DIAGNOSED,
        findings=(*report_of(CASES["ahead"]).found(), *both.findings),
    )

    rows = text(table([more], Words(), Page(100)))

    assert rows[1].startswith(" ✗ sgp-01  CLOCK_AHEAD")
    assert any(row.startswith(" !         WITHDRAWALS_ENABLED") for row in rows)


def test_a_cause_of_a_newer_service_is_shown_by_its_code() -> None:
    newer = HostReport(
        diagnosis="7f3c91",
        host="sgp-01",
        time=NOW,
        status=Contact.DIAGNOSED,
        findings=(
            Finding(
                cause="BRAND_NEW",
                subject=HOST,
                verdict=Verdict.FOUND,
                confidence=Confidence.LIKELY,
                severity=Severity.FAILURE,
            ),
        ),
    )

    assert text(table([newer], Words(), Page(100)))[1].split() == [
        *("✗", "sgp-01", "BRAND_NEW", "likely"),
    ]
    assert any("BRAND_NEW likely" in line for line in text(tree(newer, "t", Words(), Page(100))))


def test_a_cause_that_is_only_good_to_know_leaves_the_host_healthy() -> None:
    healthy = report_of(CASES["healthy"])
    note = Finding(
        cause="FOREIGN_USAGE",
        subject=HOST,
        verdict=Verdict.FOUND,
        confidence=Confidence.POSSIBLE,
        severity=Severity.INFO,
    )
    noted = HostReport(
        diagnosis="7f3c91",
        host="sgp-01",
        time=NOW,
        status=Contact.DIAGNOSED,
        findings=(note, *(f for f in healthy.findings if f.cause != note.cause)),
    )

    rows = text(table([noted], Words(), Page(100)))

    assert rows[1].startswith(" ✓ sgp-01  healthy")
    assert rows[2].startswith(" i         FOREIGN_USAGE")


def test_counts_are_of_hosts_and_add_up() -> None:
    cases = ("healthy", "ahead", "not listed", "withdrawals on", "no clock at all")
    reports = [report_of(CASES[case]) for case in (*cases, "silent: timeout")]

    (line,) = text(footer(reports, Words(), Page(100)))

    assert re.split(" {4,}", line) == [
        " 6 hosts · 1 healthy · 2 failing · 1 warning · 1 unclear · 1 silent",
        "diagnosis 7f3c91, saved",
    ]


def test_one_host_is_counted_in_the_singular() -> None:
    assert text(footer([report_of(CASES["healthy"])], Words(), Page(100)))[0].startswith(
        " 1 host · 1 healthy"
    )


def test_in_a_tree_an_engine_has_a_line_of_its_own_once_it_is_silent() -> None:
    silent = text(tree(report_of(CASES["the engine fell silent"]), "t", Words(), Page(100)))
    chinese = text(
        tree(report_of(CASES["the engine fell silent"]), "t", Words(Language.ZH), Page(100))
    )
    heard = text(tree(report_of(CASES["an engine that uses much itself"]), "t", Words(), Page(100)))

    assert any(re.match(r'   ✗ engine "grid" +ENGINE_SILENT confirmed', line) for line in silent)
    assert any(re.match(r'   ✗ 执行端 "grid" +ENGINE_SILENT', line) for line in chinese)
    assert not any("grid" in line or " agent " in line for line in heard)


def test_a_tree_has_details_only_where_something_is_wrong() -> None:
    lines = text(tree(report_of(CASES["futures off"]), "exchange access", Words(), Page(100)))

    wrong = next(number for number, line in enumerate(lines) if line.startswith('   ✗ key "main"'))
    limits = next(number for number, line in enumerate(lines) if line.startswith("   ✓ limits"))
    assert lines[0] == " ✗ exchange access"
    assert limits > wrong + 5
    assert not any(line.startswith("       ") for line in (*lines[1:wrong], *lines[limits:]))


def test_what_is_unknown_says_what_is_missing() -> None:
    lines = text(tree(report_of(CASES["no clock at all"]), "exchange access", Words(), Page(100)))

    assert "   ? clock       unknown" in lines
    assert "       missing      No NTP server was asked." in lines


def test_a_summary_counts_faults_and_checks() -> None:
    (line,) = text(summary(report_of(CASES["ahead"]), Words(), Page(100)))

    assert line.startswith(" 1 failure · 0 warnings · ")


def test_a_note_on_the_clock_leaves_its_offset_in_sight() -> None:
    lines = text(tree(report_of(CASES["nobody keeps the clock"]), "t", Words(), Page(120)))
    [offset] = [line for line in lines if "✓ clock" in line]

    assert "+2 ms ±2 ms" in offset
    assert any("CLOCK_UNSYNCHRONIZED" in line for line in lines)


def test_a_note_on_the_clock_hides_no_clock_that_is_not_known() -> None:
    unread = [Kind.NTP, Kind.EXCHANGE_TIME, Kind.CLOCK_WATCH, *SIGNED_KINDS]
    unknown = host(NOBODY, without=unread)
    lines = text(tree(report_of(unknown), "t", Words(), Page(120)))

    [at] = [
        number for number, line in enumerate(lines) if line.split() == ["?", "clock", "unknown"]
    ]
    assert "missing" in lines[at + 1]
    assert any(line.strip().startswith("i ") for line in lines[at + 2 :])


def test_a_ban_from_two_endpoints_is_one_entry_with_the_later_end() -> None:
    def closed(endpoint: Subject, minutes: int) -> Reading:
        until = NOW + timedelta(minutes=minutes)
        return reading(Kind.GATE, endpoint, Closure(status=418, until=until, since=NOW))

    lines = text(tree(report_of(host(closed(USDM, 4), closed(SPOT, 9))), "t", Words(), Page(200)))

    assert len([line for line in lines if "IP_BANNED" in line]) == 1
    assert len([line for line in lines if "is closed to this address until" in line]) == 2
    [wait] = [line for line in lines if "1. Wait until" in line]
    assert "12:09:00" in wait
