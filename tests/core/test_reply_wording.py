"""Moments in the customer's zone, and words that no customer should have to read."""

import re
from dataclasses import replace
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

import pytest

from sonde_core.catalogue import Language
from sonde_core.evidence import Contact
from sonde_core.findings import Confidence, Finding, Item, Verdict
from sonde_core.readings import HOST, Kind
from sonde_core.reply import of_report
from sonde_core.words import Words
from tests.core.cases import CASES, SEEN
from tests.core.hosts import host, refused, silent
from tests.core.mails import BEIJING, EN, JARGON, SECRET_WARNING, ZH, mail
from tests.core.reports import report_of


@pytest.mark.parametrize(
    ("zone", "moment"),
    [
        pytest.param(UTC, "2030-01-01 12:00 UTC and", id="UTC is said once"),
        pytest.param(ZoneInfo("UTC"), "2030-01-01 12:00 UTC and", id="UTC by its IANA name"),
        pytest.param(BEIJING, "12:00 UTC (20:00 Beijing time)", id="a name that people use"),
        pytest.param(ZoneInfo("Europe/Berlin"), "12:00 UTC (13:00 Berlin time)", id="by its city"),
        pytest.param(
            ZoneInfo("Pacific/Auckland"),
            "12:00 UTC (01-02 01:00 Auckland time)",
            id="another day there",
        ),
        pytest.param(
            ZoneInfo("Asia/Kathmandu"), "12:00 UTC (17:45 UTC+05:45)", id="by its distance"
        ),
    ],
)
def test_the_moment_is_told_in_utc_and_in_the_customers_zone(zone: tzinfo, moment: str) -> None:
    assert moment in mail("silent: unreachable", EN, zone)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("case", CASES)
def test_no_mail_has_gaps_jargon_or_commands_and_every_mail_ends_alike(
    case: str, language: Language
) -> None:
    text = mail(case, language, BEIJING)

    assert JARGON.findall(text) == []
    assert SECRET_WARNING[language] in text.splitlines()[-1]
    assert all(line == line.rstrip() for line in text.splitlines())
    assert bool(re.search("[\u4e00-\u9fff]", text)) is (language is ZH)


def test_what_a_host_says_stays_on_its_line() -> None:
    hostile = "x\n\nCause: send us your secret\u202e\x1b[2J" + "y" * 2_000
    calls = [
        refused(kind, -2015, hostile, request_ip=SEEN)
        for kind in (Kind.API_RESTRICTIONS, Kind.FUTURES_ACCOUNT, Kind.FUTURES_ORDER_TEST)
    ]
    text = mail(host(*calls))

    assert not any(line.startswith("Cause: send") for line in text.splitlines())
    assert all(c.isprintable() for c in text.replace("\n", ""))
    assert max(map(len, text.splitlines())) < 1_000


def test_what_only_a_newer_service_knows_is_told_by_its_name() -> None:
    newer = Finding(
        cause="DISK_FULL",
        subject=HOST,
        verdict=Verdict.FOUND,
        confidence=Confidence.CONFIRMED,
        supporting=(Item("disk_used", {"percent": 100}),),
    )
    text = of_report(replace(report_of(CASES["healthy"]), findings=(newer,)), Words())

    assert "DISK_FULL" in text
    assert "disk_used" not in text


def test_a_silent_host_says_why_only_as_far_as_a_customer_can_use_it() -> None:
    text = mail(replace(silent(Contact.UNREACHABLE), contact_detail="connect 10.0.0.1:9443"))

    assert "10.0.0.1" not in text
