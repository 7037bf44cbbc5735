"""What a mail about a diagnosis holds, and in which order."""

import pytest

from tests.core.mails import BEIJING, ZH, in_this_order, mail


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
                "Withdrawals must be off",
                "address 203.0.113.7 allowed by the key",
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
                "address 203.0.113.7 allowed by the key",
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
                "If the error still comes after 2030-01-01 12:04:12 UTC",
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
            "foreign usage",
            ["Possible, and then worth mending: Something else uses much of this address's"],
            id="a warning that nobody is sure of",
        ),
        pytest.param(
            "healthy",
            [
                "checked your engine's host sgp-01",
                "Everything is in order: connection to Binance, clock offset +2 ms, "
                "address 203.0.113.7 allowed by the key, permissions complete, not limited.",
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
