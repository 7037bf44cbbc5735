"""The mail that support sends: what it holds, in which order, and what it never says."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from ipaddress import ip_address
from zoneinfo import ZoneInfo

import pytest

from sonde_core.catalogue import CATALOGUE, Language
from sonde_core.evidence import Contact, Evidence
from sonde_core.explainer import Explanation, Facts, explain
from sonde_core.findings import Confidence, Finding, Item, Severity, Verdict
from sonde_core.readings import (
    HOST,
    SIGNED_KINDS,
    USDM,
    Closure,
    EchoedAddress,
    FailureReason,
    Kind,
    Subject,
)
from sonde_core.reply import of_explanation, of_report
from sonde_core.words import Words, severity_of
from tests.core.cases import CASES, SEEN
from tests.core.hosts import (
    HERE,
    MAIN,
    NOW,
    REJECTED,
    evidence,
    exchange_time,
    failed,
    host,
    ntp,
    ok,
    permissions,
    reading,
    refused,
    remembering,
    silent,
    whitelist,
)
from tests.core.reports import report_of

EN, ZH = Language.EN, Language.ZH
BEIJING = ZoneInfo("Asia/Shanghai")
SECRET_WARNING = {EN: "never send the secret", ZH: "请不要把密钥的 Secret 发给任何人"}
JARGON = re.compile(
    r"`|\*\*|\{|\}|\bsonde\b|Sonde|chronyc|systemctl|apiRestrictions|accountConfig|order/test"
    r"|enable[A-Z]|ipRestrict|诊断程序|\busdm\b|Ask the customer|请客户"
)
"""What a customer should not have to read."""


KNOWN = Facts(
    code=-1,
    http_status=418,
    request_ip=ip_address(SEEN),
    banned_until=NOW + timedelta(hours=1),
    limit="50 orders per 10 SECOND",
    symbol="BTCUSDT",
    filter="LOT_SIZE",
)


def mail(case: str | Evidence, language: Language = EN, zone: tzinfo = UTC) -> str:
    found = CASES[case] if isinstance(case, str) else case
    return of_report(report_of(found), Words(language, zone))


def mail_of(text: str, language: Language = EN, now: datetime = NOW) -> str:
    return of_explanation(explain(text), Words(language), now)


def in_this_order(text: str, *parts: str) -> bool:
    """Tell whether the parts stand in a text, one behind the other."""
    at = 0
    for part in parts:
        at = text.find(part, at)
        assert at >= 0, f"{part!r} is missing, or too early, in:\n{text}"
        at += len(part)
    return True


@pytest.mark.parametrize(
    ("case", "parts"),
    [
        pytest.param(
            "not listed",
            [
                "checked your engine's host sgp-01 at 2030-01-01 12:00 UTC",
                "Cause: The host's address is not on the key's IP list",
                "What shows it:",
                "come from 203.0.113.9 (Binance saw that address too",
                "has 198.51.100.7",
                "-2015",
                "To copy, the address",
                "\n    203.0.113.9\n",
                "What to do (about 2 minutes):",
                "1. Sign in to Binance → API Management",
                "Restrict access to trusted IPs only",
                "replace 198.51.100.7 with 203.0.113.9",
                "The engine recovers by itself within a few minutes",
                "We check again as well",
                "in order: connection to Binance, clock offset +2 ms, not limited",
                "If the error still comes 10 minutes after that",
                "- the exact error code and a screenshot",
                "in UTC and in your own time zone",
                "changed the API key, the IP list or account settings lately",
                "registered e-mail address and the last six digits of your Binance UID",
            ],
            id="address not listed",
        ),
        pytest.param(
            "futures off",
            [
                "Cause: The key lacks a permission",
                "this is off for the key: Enable Futures",
                "2. Tick what is missing: Enable Futures.",
                "Withdrawals must stay off",
                "address 203.0.113.7 accepted",
            ],
            id="permission missing",
        ),
        pytest.param(
            "ahead",
            [
                "Cause: The host's clock is ahead",
                "The API key is not the cause: leave it as it is.",
                "We measured +1,503 ms against Binance's time; 3 of 3 time servers confirm it",
                "\nYou need not do anything about it: we look at the host's time",
                "recovers by itself",
                "address 203.0.113.7 accepted",
            ],
            id="clock, which is for support to mend",
        ),
        pytest.param(
            "banned",
            [
                "Cause: The exchange has banned this address for a while",
                "Binance futures is closed to this address until 2030-01-01 12:04:12 UTC",
                "1. Wait until 2030-01-01 12:04:12 UTC",
                "The engine goes on by itself after 2030-01-01 12:04:12 UTC",
                "If the error still comes after 2030-01-01 12:04 UTC",
            ],
            id="banned until a moment",
        ),
        pytest.param(
            "no list recorded",
            [
                "We cannot tell yet which of the following 2 causes it is.",
                "This settles it: look at the key's IP list in API Management. If 203.0.113.9",
                "Possible cause 1 of 2: The host's address is not on the key's IP list",
                "Possible cause 2 of 2: The exchange does not accept this key",
            ],
            id="undecided: the quickest to check first, and what settles it",
        ),
        pytest.param(
            "futures refused though on",
            [
                "cause: The key is older than the futures account",
                "This settles it: with a new key, made once the futures account is open",
                "Create API → tick Enable Reading and Enable Futures, leave Enable Withdrawals off",
            ],
            id="not sure, and said so",
        ),
        pytest.param(
            "withdrawals on",
            [
                "Worth mending: The key has a permission that it must never have",
                "this is on for the key: Enable Withdrawals",
                "2. Untick Enable Withdrawals and save",
                "The engine goes on working meanwhile",
            ],
            id="a warning",
        ),
        pytest.param(
            "healthy",
            [
                "checked your engine's host sgp-01",
                "Everything is in order: connection to Binance, clock offset +2 ms, "
                "address 203.0.113.7 accepted, permissions complete, not limited.",
                "If an error comes again, please answer this mail with:",
            ],
            id="healthy",
        ),
        pytest.param(
            "no clock at all",
            [
                "We found no fault in what we could check: connection to Binance, address",
                "This time we could not check: the clock.",
            ],
            id="nothing found, and something unknown",
        ),
        pytest.param(
            "silent: unreachable",
            [
                "tried to check your engine's host sgp-01",
                "got no answer from it. So we cannot tell yet",
                "- No connection to the host could be made.",
                "It last answered on 2030-01-01 at 06:00 UTC and was healthy then.",
                "What we need from you (about 5 minutes):",
                "1. Sign in to your cloud provider's console",
                "As soon as the host answers, we check it",
            ],
            id="silent",
        ),
        pytest.param(
            "silent: not_enrolled",
            ["The host is not yet connected to our checks.", "You need not do anything"],
            id="never connected, which is not the customer's to mend",
        ),
        pytest.param(
            "exchange overloaded",
            [
                "Cause: The exchange is overloaded",
                "Host, clock and key are not involved: nothing needs to be changed there.",
                "\nWait: Binance takes requests again as soon as the load drops.\n",
                "the engine tries again by itself",
            ],
            id="the exchange's own trouble",
        ),
    ],
)  # fmt: skip
def test_a_mail_holds_its_parts_in_order(case: str, parts: list[str]) -> None:
    assert in_this_order(mail(case), *parts)


def test_several_causes_come_in_the_order_in_which_they_hide_each_other() -> None:
    broken = host(
        failed(Kind.PUBLIC_CALL, USDM, FailureReason.DNS, "detail"),
        failed(Kind.KEY, MAIN, FailureReason.CREDENTIALS, "key.txt: empty"),
    )

    assert in_this_order(
        mail(broken),
        "We found 2 causes. An earlier one can hide a later one",
        "Cause 1 of 2: The exchange's name does not resolve",
        "1. You need not change anything for it: we look at the host's network settings",
        "Cause 2 of 2: The host has no usable key",
        "1. You need not do anything about it at the moment",
    )


def test_what_a_cause_says_of_others_is_said_only_where_nothing_was_found_there() -> None:
    late = [refused(kind, -1021, "ahead of the server", status=400) for kind in SIGNED_KINDS[:1]]
    fast = [*(ntp(1_503, name=name) for name in "abc"), exchange_time(1_503)]
    key = failed(Kind.KEY, MAIN, FailureReason.CREDENTIALS, "key.txt: empty")
    clock_alone, both = mail(host(*fast, *late)), mail(host(*fast, *late, key))

    assert "The API key is not the cause: leave it as it is." in clock_alone
    assert "Once the clock is right, the engine recovers by itself." in clock_alone
    assert "not the cause" not in both
    assert "Once the clock is right" not in both
    assert "Once all of these are mended, the engine recovers by itself" in both


def test_a_restricted_account_is_not_said_to_have_a_good_clock_beside_a_bad_one() -> None:
    inactive = refused(Kind.FUTURES_ACCOUNT, -4109, "inactive", status=400)
    slow = [ntp(-7_000, name=name) for name in "abc"]

    assert "Key, address and clock are not involved" in mail("account inactive")
    assert "not involved" not in mail(host(inactive, *slow, exchange_time(-7_000)))


@pytest.mark.parametrize("case", ["wrong secret", "unknown key", "malformed key"])
@pytest.mark.parametrize("language", Language)
def test_whoever_makes_a_new_key_can_copy_the_hosts_address(case: str, language: Language) -> None:
    text = mail(case, language)

    assert text.count(f"\n    {HERE}\n") == 1
    assert text.count(HERE) >= 2, "in the step too"


def test_of_several_addresses_each_is_there_to_copy() -> None:
    two = reading(Kind.ECHO_IPV4, Subject("echo", "one.example"), EchoedAddress(ip_address(SEEN)))
    unknown = [refused(kind, -2008) for kind in SIGNED_KINDS]

    assert f"\n    {HERE}\n    {SEEN}\n" in mail(host(two, *unknown))


def test_what_shows_only_after_that_is_not_called_unchecked() -> None:
    text = mail("listed and refused")

    assert "if that is up to date, the address is not the reason" in text
    assert "could not check" not in text
    assert "We can check this only after that: whether Binance accepts the address." in text


def test_an_address_is_not_to_be_added_beside_itself() -> None:
    past = remembering(
        host(
            *(refused(kind, -2015, REJECTED, request_ip=SEEN) for kind in SIGNED_KINDS),
            without=[Kind.ECHO_IPV4],
            more=[
                reading(
                    Kind.ECHO_IPV4,
                    Subject("echo", "one.example"),
                    EchoedAddress(ip_address(SEEN)),
                ),
                whitelist(HERE, SEEN),
            ],
        ),
        accepted=timedelta(hours=6),
    )
    text = mail(past)

    assert f"make sure that {SEEN} is listed" in text
    assert f"add {SEEN} beside" not in text


def test_a_ban_that_is_met_twice_is_one_cause() -> None:
    posing = remembering(
        host(
            *(refused(kind, -2015, REJECTED, request_ip=HERE) for kind in SIGNED_KINDS),
            more=[
                reading(
                    Kind.GATE,
                    USDM,
                    Closure(status=418, until=NOW + timedelta(minutes=2), since=NOW),
                )
            ],
        ),
        accepted=timedelta(hours=6),
    )
    text = mail(posing)

    assert text.count("has banned this address") == 1
    assert "Wait until 2030-01-01 12:02:00 UTC" in text
    assert "after 2 minutes to 3 days" not in text


def test_whoever_is_asked_to_wait_is_not_told_to_change_something_meanwhile() -> None:
    lately = remembering(
        host(*(refused(kind, -2015, REJECTED, request_ip=HERE) for kind in SIGNED_KINDS)),
        accepted=timedelta(minutes=10),
    )
    text = mail(lately)

    assert "leave key and settings as they are for 15 minutes" in text
    assert "What to do" not in text
    assert "Create API" not in text
    assert text.count("check again") == 1


def test_a_key_that_is_gone_is_not_looked_for() -> None:
    text = mail("a known key is gone")

    assert "Cause: The key no longer exists." in text
    assert "mistyped or" not in text
    assert "If it is there" not in text


def test_each_cause_has_its_own_proof() -> None:
    text = mail("reading off, account inactive")

    assert in_this_order(
        text,
        "The key lacks a permission",
        "Binance futures knows the key",
        "Binance has restricted this account",
        "What shows it:",
        "-4109",
    )
    assert text.count("-4109") == 1


def test_what_works_is_not_called_refused() -> None:
    for case in ("spot may not trade", "a way that is slow now and then"):
        text = mail(case)

        assert "does not let this account trade" not in text
        assert "refuses them" not in text
        assert "HTTP 200" not in text
        assert "If the error still comes" not in text
        assert "The engine goes on working meanwhile" in text


def test_faults_of_two_accounts_do_not_hide_each_other() -> None:
    second = MAIN._replace(name="second")
    gone = [replace(refused(kind, -2008), subject=second) for kind in SIGNED_KINDS]
    off = ok(Kind.API_RESTRICTIONS, permissions("enableReading"))
    text = mail(host(off, more=gone))

    assert "We found 2 causes. They have nothing to do with each other." in text
    assert "can hide" not in text


def test_a_key_that_was_replaced_is_told_and_not_asked_for() -> None:
    text = mail("another key than before")

    assert "it ended in 0ld1, and since 2030-01-01 12:00 UTC it ends in Ab3d" in text
    assert "whether you changed the API key" not in text
    assert "whether you changed the IP list or account settings lately" in text


def test_nobody_is_asked_whether_it_persists_where_nothing_was_refused() -> None:
    for case in ("withdrawals on", "foreign usage", "no IP list", "healthy"):
        assert "If an error comes again" in mail(case), case


def test_what_only_we_can_mend_is_not_timed_from_what_the_customer_did() -> None:
    for case in ("ahead", "path: dns", "exchange down"):
        text = mail(case)
        assert "10 minutes after" not in text, case
        assert "If an error still comes after that" in text, case


def test_a_chinese_mail_names_the_moment_in_the_customers_own_zone() -> None:
    assert in_this_order(
        mail("not listed", ZH, BEIJING),
        "您好，我们于 2030-01-01 12:00 UTC（北京时间 20:00）检查了您的执行端主机 sgp-01。",
        "原因：主机地址不在密钥的 IP 白名单中。",
        "主机当前的出口 IP 是 203.0.113.9（Binance 拒绝时看到的也是这个地址）",
        "您登记的 IP 是 198.51.100.7。",
        "\n    203.0.113.9\n",
        "请这样处理（约 2 分钟）：",
        "1. 登录 Binance → API Management",
        "把 198.51.100.7 改为 203.0.113.9",
        "不需要重启，执行端会在几分钟内自动恢复。",
        "我们也会再检查一次并告诉您结果。",
        "时钟偏差 +2 毫秒",
        "- 完整错误代码与截图",
        "- 注册邮箱和 Binance UID 后 6 位",
    )
    assert "关闭至北京时间 2030-01-01 20:04:12" in mail("banned", ZH, BEIJING)


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


def test_every_found_cause_that_needs_mending_is_in_its_mail() -> None:
    for case, found in CASES.items():
        report, text = report_of(found), mail(case)
        mended = [f for f in report.found() if severity_of(f) is not Severity.INFO]
        titles = [Words().title(finding) for finding in mended]
        if report.status is Contact.DIAGNOSED:
            assert [title for title in titles if title not in text] == [], case


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


def test_several_accounts_are_named() -> None:
    second = MAIN._replace(name="second")
    text = mail(
        host(
            failed(Kind.KEY, MAIN, FailureReason.CREDENTIALS, "a"),
            failed(Kind.KEY, second, FailureReason.CREDENTIALS, "b"),
        )
    )

    assert "(account main, second)" in text
    assert text.count("has no usable key") == 1


def test_a_silent_host_says_why_only_as_far_as_a_customer_can_use_it() -> None:
    text = mail(replace(silent(Contact.UNREACHABLE), contact_detail="connect 10.0.0.1:9443"))

    assert "10.0.0.1" not in text


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        pytest.param(
            '{"code":-2015,"msg":"Invalid API-key, IP, or permissions for action, '
            'request ip: 203.0.113.9"}',
            [
                "we looked at the error that you sent",
                "cause: The host's address is not on the key's IP list",
                "- Error code -2015",
                "- Address that Binance saw: 203.0.113.9",
                "\n    203.0.113.9\n",
                "make sure that 203.0.113.9 is listed",
                "It can also be:",
                "- The exchange does not accept this key",
                "The text alone does not settle it. We check your host as well",
                "If the error still comes 10 minutes after that",
            ],
            id="ambiguous",
        ),
        pytest.param(
            "Way too much request weight used; IP banned until 1893500000000. Please use",
            [
                "The exchange has banned this address",
                "1. Wait until 2030-01-01 12:13:20 UTC",
                "If the error still comes after 2030-01-01 12:13 UTC",
            ],
            id="banned until a moment to come",
        ),
        pytest.param(
            "Way too much request weight used; IP banned until 1893400000000. Please use",
            [
                "The ban ended on 2029-12-31 08:26:40 UTC; it is over",
                "1. There is nothing to wait for any more.",
            ],
            id="banned until a moment that is over",
        ),
        pytest.param(
            '{"code":-1007,"msg":"Timeout waiting for response from backend server. '
            'Send status unknown; execution status unknown."}',
            [
                "The order may or may not have been placed",
                "1. Please do not place the order again by hand.",
                "It does not send the order twice.",
            ],
            id="unknown execution",
        ),
        pytest.param(
            '{"code":-2021,"msg":"Order would immediately trigger."}',
            ["The order would trigger at once", "\nYou need not do anything.\n", "by itself"],
            id="nothing to do",
        ),
        pytest.param(
            "HTTP 429 Too Many Requests, Retry-After: 12",
            ["- Binance asked to wait 12 s", "1. Wait a minute", "10 minutes after that"],
            id="a pause that counts from nobody knows when",
        ),
        pytest.param(
            "the coffee machine is broken",
            [
                "The text alone does not tell the cause yet",
                "What we need from you:",
                "1. Please send us the whole error text with its code",
                "2. Leave the API key and its settings as they are.",
                "If an error comes again",
            ],
            id="nothing known",
        ),
    ],
)
def test_a_mail_about_a_text_holds_its_parts_in_order(text: str, parts: list[str]) -> None:
    assert in_this_order(mail_of(text), *parts)


def test_a_published_error_without_a_cause_is_told_by_its_own_title() -> None:
    text = '{"code":-5022,"msg":"Due to the order could not be executed as maker, the Post Only order will be rejected. The order will not be recorded in the order history"}'  # noqa: E501
    explanation = explain(text)
    refusal = explanation.refusal

    assert refusal
    assert refusal.title
    for language in Language:
        said = of_explanation(explanation, Words(language), NOW)
        assert refusal.title[language] in said
        assert CATALOGUE.causes["OTHER"].text[language].title not in said


@pytest.mark.parametrize("text", ['{"code":-1004}', '{"code":-5021}', "code -2021"])
def test_no_words_of_binances_are_quoted_that_were_not_sent(text: str) -> None:
    assert "own words" not in mail_of(text)


def test_words_of_binances_are_quoted_as_they_were_sent() -> None:
    text = '{"code":-1034,"msg":"Too many concurrent connections; current limit is \'5\'."}'

    assert "own words: Too many concurrent connections; current limit is" in mail_of(text)
    assert "%" not in mail_of(text)


@pytest.mark.parametrize(
    "text",
    [
        "Error: getaddrinfo ENOTFOUND fapi.binance.com",
        "-1021 Timestamp for this request was 1000ms ahead of the server's time.\n"
        "getaddrinfo ENOTFOUND fapi.binance.com",
        '{"code":-5022,"msg":"Due to the order could not be executed as maker, the Post Only order'
        ' will be rejected."}',
        '{"code":-4120,"msg":"Order type not supported for this endpoint. Please use the Algo Order'
        ' API endpoints instead."}',
    ],
)
def test_what_is_beyond_doubt_is_proved_and_nothing_else_is_offered(text: str) -> None:
    said = mail_of(text)

    assert in_this_order(said, "\nCause: ", "What shows it:\n- ")
    assert "It can also be" not in said
    assert "does not settle it" not in said


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ('{"code":-2021}', "- Cancel-and-replace succeeded by half"),
        ('{"code":-5021}', "- The two accounts are not main account and sub-account"),
    ],
)
def test_a_reading_of_another_surface_is_offered_by_its_own_title(text: str, other: str) -> None:
    assert in_this_order(mail_of(text), "It can also be:", other, "does not settle it")


def test_a_rule_that_an_order_broke_is_told_by_what_it_is() -> None:
    text = '{"code":-1013,"msg":"Filter failure: NOTIONAL"}'

    assert "the least or the greatest value of an order (NOTIONAL)" in mail_of(text)
    assert "下单金额的下限或上限（NOTIONAL）" in mail_of(text, ZH)


def test_no_secret_is_quoted() -> None:
    secret = "a" * 20 + "Z" * 20 + "9" * 24
    said = mail_of(f"getaddrinfo ENOTFOUND fapi.binance.com key {secret}")

    assert secret[:24] not in said


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("cause", sorted(set(CATALOGUE.causes) - {"OTHER", "AGENT_UNREACHABLE"}))
@pytest.mark.parametrize("facts", [Facts(), KNOWN], ids=["nothing known", "all known"])
def test_a_mail_can_be_written_about_every_cause(
    cause: str, language: Language, facts: Facts
) -> None:
    explanation = Explanation(cause=cause, confidence=Confidence.LIKELY, facts=facts)
    text = of_explanation(explanation, Words(language, BEIJING), NOW)

    assert CATALOGUE.causes[cause].text[language].title in text
    assert JARGON.findall(text) == []
    assert SECRET_WARNING[language] in text


def test_what_else_speaks_for_a_cause_is_told_with_it() -> None:
    items = (Item("clock_good", {"offset_ms": 3, "bound_ms": 2}),)
    explanation = Explanation(cause="FILTER_VIOLATION", confidence=Confidence.LIKELY)

    assert "- The clock is right: +3 ms" in of_explanation(explanation, Words(), NOW, items)


def test_only_what_the_evidence_clears_is_called_fine() -> None:
    everywhere = [refused(kind, -2015, REJECTED) for kind in (Kind.API_RESTRICTIONS,)]

    assert "permissions complete" not in mail(evidence(*everywhere))
    assert "permissions complete" not in mail("withdrawals on")
    assert "clock offset" not in mail("ahead")
    assert "not limited" not in mail("banned")
