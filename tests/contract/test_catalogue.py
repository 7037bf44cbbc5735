"""The catalogue, the rules and the compiled file say the same."""

import json
import re
import string
import subprocess
import sys
from pathlib import Path

import pytest

from sonde_core.catalogue import CATALOGUE, Language
from sonde_core.diagnose import diagnose
from sonde_core.findings import Finding, Item, Verdict
from sonde_core.rules import RULES
from sonde_core.words import Words
from tests.core.cases import CASES
from tests.core.histories import CHANGES
from tests.core.refused_orders import NUMBERS

ROOT = Path(__file__).parents[2]
FINDINGS = [finding for case in CASES.values() for finding in diagnose(case)]


def items(finding: Finding) -> list[Item]:
    settle = (finding.settle,) if finding.settle else ()
    return [*finding.supporting, *finding.contradicting, *finding.missing, *settle]


def test_every_cause_has_a_rule_and_every_rule_a_cause() -> None:
    decided = [cause for rule in RULES for cause in rule.causes]

    assert sorted(decided) == sorted(CATALOGUE.causes)


def test_the_compiled_catalogue_is_current() -> None:
    compiled = ROOT / "core" / "sonde_core" / "catalogue" / "compiled.json"
    script = "from deploy.compile_catalogue import compiled; print(compiled(), end='')"
    fresh = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True, encoding="utf-8"
    )

    assert json.loads(compiled.read_text("utf-8")) == json.loads(fresh.stdout), "make catalogue"


def test_every_cause_is_found_in_some_case_and_every_item_is_used() -> None:
    found = {finding.cause for finding in FINDINGS if finding.verdict is Verdict.FOUND}
    used = {item.id for finding in FINDINGS for item in items(finding)}
    used |= {item.id for item in (*CHANGES, *NUMBERS)}

    assert found == set(CATALOGUE.causes)
    assert used == set(CATALOGUE.items)


@pytest.mark.parametrize("language", Language)
def test_everything_that_is_said_is_said_without_a_gap(language: Language) -> None:
    words = Words(language)
    shown = [*CHANGES, *NUMBERS, *(item for finding in FINDINGS for item in items(finding))]
    said = [words.sentence(item) + words.brief(item) for item in shown]
    for finding in FINDINGS:
        if finding.verdict is Verdict.FOUND:
            said += [words.next_step(finding, host="h1"), *words.remedy(finding, host="h1")]
            said += [words.title(finding), words.explanation(finding)]

    assert all(said)
    assert [text for text in said if "{" in text or "}" in text] == []


def test_both_languages_ask_for_the_same_values() -> None:
    def fields(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    for id_, texts in CATALOGUE.items.items():
        asked = [{f for t in text.sentence for f in fields(t)} for text in texts.values()]
        assert asked[0] == asked[1], id_


def test_a_chinese_text_is_chinese_and_an_english_one_is_not() -> None:
    han = re.compile("[\u4e00-\u9fff]")
    for code, cause in CATALOGUE.causes.items():
        for language, text in cause.text.items():
            for shown in (text.title, text.explanation, *text.next, *(s[0] for s in text.remedy)):
                assert bool(han.search(shown)) is (language is Language.ZH), (code, shown)


def test_whoever_reads_of_withdrawals_reads_that_they_are_off() -> None:
    off = re.compile(r"untick|\boff\b|never|不要勾选|取消勾选|关闭", re.IGNORECASE)
    told = [
        (code, text)
        for code, cause in CATALOGUE.causes.items()
        for words in cause.text.values()
        for template in (words.next, *words.remedy)
        for text in template
        if "withdraw" in text.lower()
    ]

    assert told
    assert [(code, text) for code, text in told if not off.search(text)] == []


def test_every_remedy_has_steps_and_every_cause_a_source() -> None:
    for code, cause in CATALOGUE.causes.items():
        assert cause.sources, code
        for text in cause.text.values():
            assert text.remedy, code
            assert text.next, code
