"""Mails as support sends them, and what none of them may hold."""

import re
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from sonde_core.catalogue import Language
from sonde_core.evidence import Evidence
from sonde_core.explainer import explain
from sonde_core.reply import of_explanation, of_report
from sonde_core.words import Words
from tests.core.cases import CASES
from tests.core.hosts import NOW
from tests.core.reports import report_of

EN, ZH = Language.EN, Language.ZH
BEIJING = ZoneInfo("Asia/Shanghai")
SECRET_WARNING = {EN: "never send the secret", ZH: "请不要把密钥的 Secret 发给任何人"}
JARGON = re.compile(
    r"`|\*\*|\{|\}|\bsonde\b|Sonde|chronyc|systemctl|apiRestrictions|accountConfig|order/test"
    r"|enable[A-Z]|ipRestrict|诊断程序|\busdm\b|Ask the customer|请客户"
)
"""What a customer should not have to read."""


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
