"""When a ban ends, and how long to stay away, in whatever way it is written."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from sonde_core.answer import answer
from sonde_core.catalogue import Language
from sonde_core.explainer import explain
from sonde_core.reply.of_text import of_explanation
from sonde_core.words import Words

END = datetime(2026, 5, 6, 21, 40, tzinfo=UTC)
NOW = datetime(2026, 5, 6, 21, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "2026-05-07 05:40:00 UTC+8",
        "2026-05-07 05:40:00 (GMT+08:00)",
        "2026-05-06 16:10 UTC-05:30",
        "(UTC+8) 2026-05-07 05:40",
        "2026-05-07 05:40 北京时间",
        "北京时间 2026-05-07 05:40",
        "2026-05-07 05:40 (Asia/Shanghai)",
        "2026-05-07 06:40 JST",
        "2026-05-07 05:40 HKT",
        "2026-05-07 05:40 Beijing time",
        "2026年5月7日 05:40",
        "2026年5月7日5点40分",
        "东京时间2026年5月7日6点40分",
        "Wed, 06 May 2026 21:40:00 GMT",
        "Thu May 07 2026 05:40:00 GMT+0800 (China Standard Time)",
        "May 6, 2026 21:40",
        "2026/05/06 21:40:00 please wait",
        "2026-05-06 21:40:00 GET /api/v3/order",
        "2026-05-06 21:40:00 -1003",
    ],
)
def test_an_end_is_read_in_the_zone_that_stands_beside_it(written: str) -> None:
    for text in (f"IP banned until {written}", f"IP 被封禁至 {written}"):
        assert explain(text).facts.banned_until == END


@pytest.mark.parametrize(
    "written",
    [
        "2026-05-07 05:40 CST",
        "2026-05-07 05:40 cst",
        "2026-05-06 16:40 (EST)",
        "2026-05-06 13:40 PST",
        "2026-05-07 05:40 AWST",
        "2026-05-06 23:40 Europe/Berlin",
        "2026-05-07 05:40 当地时间",
        "2026-05-07 05:40 local time",
        "美东时间 2026-05-06 16:40",
        "2026-05-06 21:40 UTC+25",
        "06/05/2026 21:40",
        "05/06/2026 21:40 UTC",
    ],
)
def test_an_end_that_may_be_another_moment_is_none(written: str) -> None:
    facts = explain(f"IP banned until {written}").facts
    assert (facts.banned_until, facts.retry_after) == (None, None)


@pytest.mark.parametrize(
    "written",
    ["17783412000", "177834120000", "9999-12-31 23:59:59", "0001-01-01 00:00", "2526-05-06 21:40"],
)
def test_a_number_that_was_cut_off_is_no_end(written: str) -> None:
    assert explain(f"Way too many requests; IP banned until {written}").facts.banned_until is None


@pytest.mark.parametrize("written", ["2026年5月7日05:40", "2026-05-07 05:40 北京时间"])
def test_an_end_is_read_before_the_word_for_it(written: str) -> None:
    assert explain(f"IP 将于{written} 解封").facts.banned_until == END


def test_the_beginning_of_a_ban_is_not_its_end() -> None:
    assert explain("we were banned since 2026-05-06 21:40:00").facts.banned_until is None


def test_a_header_may_name_a_date() -> None:
    facts = explain("HTTP 429\nRetry-After: Wed, 06 May 2026 21:40:00 GMT").facts
    assert (facts.banned_until, facts.retry_after) == (END, None)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("5分钟后解封", timedelta(minutes=5)),
        ("IP 被封禁 2 小时", timedelta(hours=2)),
        ("请 45 秒后重试", timedelta(seconds=45)),
        ("请等待 1 小时 20 分钟", timedelta(hours=1, minutes=20)),
        ("banned for 1h15m", timedelta(hours=1, minutes=15)),
        ("retry in 3 minutes and 20 seconds", timedelta(minutes=3, seconds=20)),
        ("Retry-After: 250 ms", timedelta(milliseconds=250)),
        ("banned for 400 days", None),
        ("Retry-After: 9999999999999999", None),
        ("Retry-After: 9999999999999999 min", None),
    ],
)
def test_a_span_is_read_whole_unless_no_ban_takes_so_long(
    text: str, span: timedelta | None
) -> None:
    assert explain(text).facts.retry_after == span


def _believed(end: str) -> bool:
    """Tell whether the end is told by all who know the present; none of them may by itself."""
    explanation = explain(f"Way too many requests; IP(192.0.2.8) banned until {end} binance")
    words, day = Words(Language.EN), end[:10]
    said = answer(explanation, words, NOW)
    told = {
        said.explanation.facts.banned_until is not None,
        day in " ".join(said.remedy),
        day in of_explanation(explanation, words, NOW),
    }
    assert len(told) == 1
    assert (said.advice.after or timedelta()) <= timedelta(days=4)
    return told.pop()


def test_who_knows_the_present_believes_in_an_end_that_is_near() -> None:
    assert _believed("2026-05-09 21:00:00")


@pytest.mark.parametrize("end", ["2026-05-12 21:00:00", "2031-05-06 21:40:00"])
def test_but_in_none_that_is_further_away_than_bans_last(end: str) -> None:
    assert not _believed(end)


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
@pytest.mark.parametrize(
    "end",
    [
        "9999-12-31 23:59:59",
        "0001-01-01 00:00",
        "2099-12-31 23:59 UTC-14",
        "2017-01-01 00:00 UTC+14",
    ],
)
def test_the_end_of_time_is_shown_in_no_zone(zone: str, end: str) -> None:
    explanation = explain(f"IP banned until {end} binance")
    assert of_explanation(explanation, Words(Language.ZH, ZoneInfo(zone)), NOW)
