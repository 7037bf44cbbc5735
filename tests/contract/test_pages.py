"""The customers' pages are what the catalogue says, and answer what customers come with."""

import re
import subprocess
import sys
from functools import cache

import pytest

from sonde_core.catalogue import CATALOGUE, Language
from sonde_core.refusals.table import table
from tests.contract.tree import ROOT

ELSEWHERE = {"OTHER", "AGENT_UNREACHABLE", "CREDENTIALS_MISSING", "ENGINE_SILENT"}
"""What no error text of the exchange leads to."""


@cache
def page(language: Language) -> str:
    return (ROOT / "docs" / f"troubleshooting.{language.value}.md").read_text("utf-8")


def part(language: Language, anchor: str) -> str:
    """Return one section of a page, from its anchor to the next."""
    return page(language).split(f'<a id="{anchor}"></a>')[1].split('<a id="')[0]


@pytest.mark.parametrize("language", Language)
def test_the_page_is_current(language: Language) -> None:
    script = (
        "from deploy.write_pages import page; from sonde_core.catalogue import Language; "
        f"print(page(Language('{language.value}')), end='')"
    )
    fresh = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", script],
        cwd=ROOT,
        check=True,
        capture_output=True,
        encoding="utf-8",
    )

    assert page(language) == fresh.stdout, "make pages"


@pytest.mark.parametrize("language", Language)
def test_every_cause_that_a_customer_can_meet_is_on_the_page(language: Language) -> None:
    others = {"WOULD_IMMEDIATELY_TRIGGER", "INSUFFICIENT_BALANCE", "MARGIN_INSUFFICIENT"}
    first = {"IP_NOT_WHITELISTED", "PERMISSION_MISSING", "RATE_LIMIT_WEIGHT", "CLOCK_SKEW"}
    for code in CATALOGUE.causes.keys() - ELSEWHERE:
        text = CATALOGUE.causes[code].text[language]
        assert text.explanation in page(language), code
        assert text.spared in page(language), code
        if code not in others | first:  # these stand under the error's own name
            assert text.title in page(language), code


@pytest.mark.parametrize("language", Language)
def test_every_published_code_can_be_looked_up(language: Language) -> None:
    rows = dict(re.findall(r"(?m)^\| (-?\d+) \| (.+) \|$", page(language)))

    assert {int(code) for code in rows} == table().by_code.keys()
    assert all(meaning.strip() for meaning in rows.values())


@pytest.mark.parametrize(
    ("anchor", "told"),
    [
        ("ip", "Invalid API-key, IP, or permissions for action"),
        ("ip", "请求来自另一个地址"),
        ("ip", "登录 Binance → API Management → 找到执行端使用的那把密钥"),
        ("ip", "Restrict access to trusted IPs only"),
        ("ip", "已填入执行端主机的地址"),
        ("ip", "只给这台主机上的执行端使用，不要同时配给自己的电脑或其他工具"),
        ("ip", "主机重建或更换地区之后，IP 会变"),
        ("ip", "向导和控制台会显示当前应填的 IP"),
        ("ip", "不要把这把密钥配到 IP 会变的设备上"),
        ("permission", "This action is disabled on this account"),
        ("permission", "API-key permissions do not allow this action"),
        ("permission", "| Enable Reading | ✅ 必须开启 |"),
        ("permission", "| Enable Futures | ✅ 必须开启 |"),
        ("permission", "| Enable Withdrawals | ❌ 永远关闭 |"),
        ("permission", "trusted IPs only（您主机的 IP） | ✅ 必须开启 |"),
        ("permission", "Edit restrictions"),
        ("permission", "Reading 和 Futures 都已开启，Withdrawals 保持关闭"),
        ("permission", "保存（可能需要 2FA）"),
        ("rate", "Too many requests"),
        ("rate", "IP banned until <timestamp>"),
        ("rate", "Rate limit exceeded"),
        ("rate", "执行端的请求频率经过控制，多半是还有其他工具或脚本在同时请求"),
        ("rate", "关掉不必要的"),
        ("rate", "不要让多个工具共用同一把密钥"),
        ("rate", "请遵守 Binance 公布的限额，降低请求频率"),
        ("rate", "自动恢复；报错里通常写有解除时间"),
        ("clock", "Timestamp for this request is outside of the recvWindow"),
        ("clock", "相差超过 1 秒，通常发生在执行端主机一侧"),
        ("clock", "通过 NTP 同步时钟，执行端启动时会校准，偶发漂移会自动重试"),
        ("clock", "如果持续报这个错，请用邮件联系支持，我们会帮您检查主机的 NTP 状态"),
        ("others", "Order would immediately trigger"),
        ("others", "执行端会自动调价并重新下单"),
        ("others", "合约钱包中的 USDT 不足"),
        ("others", "（充值），或者减仓"),
        ("others", "保证金"),
        ("others", "等执行端自动平仓，或在 Binance → 合约 → 持仓 中手动平掉部分仓位"),
        ("others", "完整错误代码与截图"),
        ("others", "UTC 和您的时区"),
        ("others", "最近是否改过 API 密钥 / IP / 账户设置"),
        ("others", "注册邮箱和 Binance UID 后 6 位"),
    ],
)
def test_the_page_answers_what_customers_come_with(anchor: str, told: str) -> None:
    assert told in part(Language.ZH, anchor)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(
    ("keyword", "anchor"),
    [
        ("IP whitelist", "ip"),
        ("Invalid IP", "ip"),
        ("Invalid API-key", "permission"),
        ("Permission denied", "permission"),
        ("Too many requests", "rate"),
        ("429", "rate"),
        ("418", "rate"),
        ("Timestamp", "clock"),
        ("recvWindow", "clock"),
    ],
)
def test_the_quick_table_leads_to_the_section(
    language: Language, keyword: str, anchor: str
) -> None:
    [row] = re.findall(rf"(?m)^\| .*`{re.escape(keyword)}`.*\|$", page(language))

    assert f"(#{anchor})" in row
    assert f'<a id="{anchor}"></a>' in page(language)


@pytest.mark.parametrize("language", Language)
def test_a_page_is_for_customers(language: Language) -> None:
    body = page(language).split("-->", 1)[1]

    assert re.findall(r"\bsonde\b|Sonde|chronyc|systemctl|\{\w*\}|诊断程序", body) == []
    assert bool(re.search("[\u4e00-\u9fff]", body)) is (language is Language.ZH)
