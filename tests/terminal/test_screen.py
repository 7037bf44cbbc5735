from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonde_terminal.lines import hang, wrap
from sonde_terminal.screen import ASCII, UNICODE, Page, Signs, safe, signs_for
from sonde_terminal.text import Text


@given(st.text(), st.integers(min_value=20, max_value=120))
def test_no_text_makes_a_line_wider_than_the_page_or_steers_it(text: str, width: int) -> None:
    page = Page(width)

    lines = hang(Text(" x label  "), page.say(text), page)

    assert all(line.cell_len <= width for line in lines)
    assert all(character.isprintable() for line in lines for character in line.plain)


@given(st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), max_size=300))
def test_wrapping_loses_nothing_but_blanks(word: str) -> None:
    text = f"{word} 中文，{word}"

    assert "".join(wrap(text, 20)).replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("a\x1b[2Jb", "a\ufffd[2Jb", id="an escape sequence"),
        pytest.param("a\x9bb", "a\ufffdb", id="the C1 form of it"),
        pytest.param("a\u202eb", "a\ufffdb", id="a turn of direction"),
        pytest.param(" a\r\n\tb ", "a b", id="line ends and tabs"),
        pytest.param("时钟 ±1", "时钟 ±1", id="what is harmless"),
        pytest.param("x" * 700, "x" * 599 + "…", id="too long"),
    ],
)  # fmt: skip
def test_what_steers_a_terminal_is_replaced(text: str, shown: str) -> None:
    assert safe(text) == shown


def test_chinese_breaks_anywhere_but_before_its_punctuation() -> None:
    assert wrap("主机时钟偏快，请校准。", 10) == ["主机时钟偏", "快，请校", "准。"]


def test_chinese_punctuation_stays_with_the_latin_word_before_it() -> None:
    assert wrap("时钟 NTP，", 9) == ["时钟", "NTP，"]


def test_a_page_without_utf_8_says_the_same_in_ascii() -> None:
    said = Page(signs=ASCII).say("+3 ms ±2 ms · a → b ≥ 1 …")

    assert said == "+3 ms +/-2 ms | a -> b >= 1 ..."


@pytest.mark.parametrize(
    ("encoding", "environ", "signs"),
    [
        pytest.param("utf-8", {"LANG": "zh_CN.UTF-8"}, UNICODE, id="UTF-8"),
        pytest.param("utf-8", {}, UNICODE, id="no locale named"),
        pytest.param("utf-8", {"LC_ALL": "C", "LANG": "en_GB.UTF-8"}, ASCII, id="C asked for"),
        pytest.param("utf-8", {"LANG": "POSIX"}, ASCII, id="POSIX asked for"),
        pytest.param("utf-8", {"LC_CTYPE": "C.UTF-8", "LANG": "C"}, UNICODE, id="C.UTF-8"),
        pytest.param("ISO8859-1", {"LANG": "de_DE"}, ASCII, id="another encoding"),
    ],
)
def test_signs_follow_the_encoding_and_the_locale(
    encoding: str, environ: Mapping[str, str], signs: Signs
) -> None:
    assert signs_for(encoding, environ) is signs
