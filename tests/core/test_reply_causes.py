"""What a mail says of the causes that were found, and what it then leaves unsaid."""

from dataclasses import replace
from datetime import timedelta

from sonde_core.evidence import Contact
from sonde_core.findings import Severity
from sonde_core.readings import SIGNED_KINDS, USDM, Closure, FailureReason, Kind
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
    whitelist,
)
from tests.core.mails import ZH, in_this_order, mail
from tests.core.reports import report_of


def test_several_causes_come_in_the_order_in_which_they_hide_each_other() -> None:
    broken = host(
        failed(Kind.PUBLIC_CALL, USDM, FailureReason.DNS, "detail"),
        failed(Kind.KEY, MAIN, FailureReason.CREDENTIALS, "key.txt: empty"),
    )

    assert in_this_order(
        mail(broken),
        "We found 2 causes. An earlier one can hide a later one",
        "Cause 1 of 2: The exchange's name does not resolve",
        "\nYou need not change anything for it: we look at the host's network settings",
        "Cause 2 of 2: The host has no usable key",
        "\nYou need not do anything about it at the moment",
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


def test_every_found_cause_that_needs_mending_is_in_its_mail() -> None:
    for case, found in CASES.items():
        report, text = report_of(found), mail(case)
        mended = [f for f in report.found() if severity_of(f) is not Severity.INFO]
        titles = [Words().title(finding) for finding in mended]
        if report.status is Contact.DIAGNOSED:
            assert [title for title in titles if title not in text] == [], case


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


def test_only_what_the_evidence_clears_is_called_fine() -> None:
    everywhere = [refused(kind, -2015, REJECTED) for kind in (Kind.API_RESTRICTIONS,)]

    assert "permissions complete" not in mail(evidence(*everywhere))
    assert "permissions complete" not in mail("withdrawals on")
    assert "clock offset" not in mail("ahead")
    assert "not limited" not in mail("banned")


def test_evidence_that_goes_on_in_another_line_is_not_told_twice() -> None:
    short, long = REJECTED, f"{REJECTED[:-1]}, request ip: {SEEN}"
    first, *others = SIGNED_KINDS
    told = [refused(first, -2015, short, request_ip=SEEN)]
    told += [refused(kind, -2015, long, request_ip=SEEN) for kind in others]

    text = mail(host(*told, more=[whitelist("198.51.100.7")]))

    assert [line for line in text.splitlines() if REJECTED[:-1] in line] == [
        f"- Binance answered: -2015 {long}"
    ]


def test_what_else_a_refusal_can_mean_is_told_as_the_other_possibility() -> None:
    assert in_this_order(mail("unknown key"), "Most likely cause: ", "Another possibility: ")


def test_no_space_is_left_before_what_has_a_chinese_name() -> None:
    assert "- Binance 合约返回 HTTP 451" in mail("location", ZH)
