"""The page about a text that somebody sent."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from sonde_core.answer import answer
from sonde_core.catalogue import CATALOGUE, Language
from sonde_core.explainer import Explanation, explain
from sonde_core.findings import Confidence, Severity
from sonde_core.words import Words
from sonde_terminal.answered import answered
from sonde_terminal.screen import ASCII, UNICODE, Page

NOW = datetime(2030, 1, 1, tzinfo=UTC)
PAGES = [Page(100), Page(72, ASCII), Page(40)]


def page_of(explanation: Explanation, words: Words, page: Page) -> list[str]:
    return [line.plain for line in answered(answer(explanation, words, NOW), words, page)]


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("cause", CATALOGUE.causes)
def test_every_cause_has_a_page_within_its_width(cause: str, language: Language) -> None:
    explanation = Explanation(cause=cause, confidence=Confidence.LIKELY, alternatives=("OTHER",))
    for page in PAGES:
        lines = page_of(explanation, Words(language), page)

        assert max(map(cell_len, lines)) <= page.width
        assert not any("{" in line for line in lines)
    title = CATALOGUE.causes[cause].text[language].title
    assert any(title in line for line in page_of(explanation, Words(language), Page(200)))


@pytest.mark.parametrize("cause", CATALOGUE.causes)
def test_the_sign_says_how_bad_the_cause_is(cause: str) -> None:
    severity = CATALOGUE.causes[cause].severity
    expected = {Severity.FAILURE: "✗", Severity.WARNING: "!", Severity.INFO: "i"}[severity]
    explanation = Explanation(cause=cause, confidence=Confidence.CONFIRMED)

    first = page_of(explanation, Words(), Page(100))[0]

    assert first.split()[0] == ("?" if cause == "OTHER" else expected)


@given(st.text(max_size=400), st.sampled_from(Language), st.integers(min_value=30, max_value=120))
def test_whatever_is_sent_steers_no_terminal(text: str, language: Language, width: int) -> None:
    for line in page_of(explain(text), Words(language), Page(width, UNICODE)):
        assert line.isprintable()
        assert cell_len(line) <= width


def test_a_ban_is_told_in_the_time_zone_that_was_asked_for() -> None:
    explanation = explain("-1003 IP(203.0.113.8) banned until 1893456060000")

    lines = page_of(explanation, Words(Language.EN, ZoneInfo("Asia/Shanghai")), Page(120))

    assert any("banned until 2030-01-01 08:01:00 Beijing time" in line for line in lines)


def test_a_ban_that_is_over_is_told_as_over() -> None:
    explanation = explain("-1003 IP(203.0.113.8) banned until 1893455999000")

    assert any(", which is over" in line for line in page_of(explanation, Words(), Page(120)))
