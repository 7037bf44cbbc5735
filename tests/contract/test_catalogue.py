"""The catalogue, the rules, the published errors and the compiled file say the same."""

import json
import re
import string
import subprocess
import sys
from pathlib import Path

import pytest

from sonde_core.advice import Action
from sonde_core.catalogue import CATALOGUE, Cause, CauseText, Language, Owner, Template
from sonde_core.diagnose import diagnose
from sonde_core.findings import Finding, Item, Verdict
from sonde_core.refusals.table import table
from sonde_core.rules import RULES
from sonde_core.words import Words
from tests.core.cases import CASES
from tests.core.histories import CHANGES, ENGINES
from tests.core.refused_orders import NUMBERS

ROOT = Path(__file__).parents[2]
HAN = re.compile("[\u4e00-\u9fff]")
FINDINGS = [finding for case in CASES.values() for finding in diagnose(case)]


def items(finding: Finding) -> list[Item]:
    settle = (finding.settle,) if finding.settle else ()
    return [*finding.supporting, *finding.contradicting, *finding.missing, *settle]


def texts(cause: Cause, language: Language) -> list[Template]:
    """Return all that is said about a cause in one language, whatever else is known."""
    known = cause.text[language]
    return [template for said in (known, *known.where.values()) for template in _texts(said)]


def _texts(said: CauseText) -> list[Template]:
    whole = [(text,) for text in (said.title, said.explanation, said.spared) if text]
    return [*whole, said.next, *said.remedy, *said.customer, said.by_itself]


def fields(*templates: Template) -> set[str]:
    """Return the values that some templates ask for."""
    parsed = (string.Formatter().parse(text) for template in templates for text in template)
    return {name for pieces in parsed for _, name, _, _ in pieces if name}


def every_text() -> list[tuple[str, str]]:
    """Return everything that the catalogue says, with what it says it about."""
    return [
        (code, text)
        for code, cause in CATALOGUE.causes.items()
        for language in Language
        for template in texts(cause, language)
        for text in template
    ]


def test_every_cause_is_decided_by_one_rule_or_named_by_a_published_error() -> None:
    decided = [cause for rule in RULES for cause in rule.causes]
    published = {cause for row in table().rows for cause in row.causes}

    assert len(decided) == len(set(decided))
    assert set(decided) | published == set(CATALOGUE.causes)


def test_the_compiled_catalogue_is_current() -> None:
    compiled = ROOT / "core" / "sonde_core" / "catalogue" / "compiled.json"
    script = "from deploy.compile_catalogue import compiled; print(compiled(), end='')"
    fresh = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True, encoding="utf-8"
    )

    assert json.loads(compiled.read_text("utf-8")) == json.loads(fresh.stdout), "make catalogue"


def test_every_cause_of_a_rule_is_found_in_some_case_and_every_item_is_used() -> None:
    found = {finding.cause for finding in FINDINGS if finding.verdict is Verdict.FOUND}
    used = {item.id for finding in FINDINGS for item in items(finding)}
    used |= {item.id for item in (*CHANGES, *ENGINES, *NUMBERS)}

    assert found == {cause for rule in RULES for cause in rule.causes}
    assert used == set(CATALOGUE.items)


@pytest.mark.parametrize("language", Language)
def test_everything_that_is_said_is_said_without_a_gap(language: Language) -> None:
    words = Words(language)
    shown = [
        *CHANGES,
        *ENGINES,
        *NUMBERS,
        *(item for finding in FINDINGS for item in items(finding)),
    ]
    said = [words.sentence(item) + words.brief(item) for item in shown]
    for finding in FINDINGS:
        if finding.verdict is Verdict.FOUND:
            said += [words.next_step(finding, host="h1"), *words.remedy(finding, host="h1")]
            said += [words.title(finding), words.explanation(finding, ())]

    assert all(said)
    assert [text for text in said if "{" in text or "}" in text] == []


def test_both_languages_ask_for_the_same_values() -> None:
    for id_, item in CATALOGUE.items.items():
        assert len({frozenset(fields(text.sentence)) for text in item.values()}) == 1, id_
        assert len({frozenset(fields(text.mail)) for text in item.values()}) == 1, id_
    for id_, phrase in CATALOGUE.phrases.items():
        assert len({frozenset(fields(text)) for text in phrase.values()}) == 1, id_
    for code, cause in CATALOGUE.causes.items():
        en, zh = (texts(cause, language) for language in Language)
        assert [fields(template) for template in en] == [fields(template) for template in zh], code


def test_what_is_said_of_a_cause_can_be_said_where_nothing_else_is_known() -> None:
    for code, cause in CATALOGUE.causes.items():
        for language in Language:
            for template in texts(cause, language):
                assert fields((template[-1],)) == set(), (code, template)


def test_other_words_for_a_cause_are_called_for_by_evidence_that_there_is() -> None:
    for code, cause in CATALOGUE.causes.items():
        called_for = [set(text.where) for text in cause.text.values()]
        assert called_for[0] == called_for[1], code
        assert called_for[0] <= CATALOGUE.items.keys() | CATALOGUE.phrases.keys(), code


def test_only_what_names_other_sections_says_that_they_are_not_to_blame() -> None:
    for code, cause in CATALOGUE.causes.items():
        for text in cause.text.values():
            assert bool(text.spared) is bool(cause.spares), code


def test_a_chinese_text_is_chinese_and_an_english_one_is_not() -> None:
    said = [
        (code, language, text)
        for code, cause in CATALOGUE.causes.items()
        for language in Language
        for template in texts(cause, language)
        for text in template
    ]
    said += [
        (id_, language, text)
        for id_, words in CATALOGUE.phrases.items()
        if id_ != "moment"  # numbers only
        for language, template in words.items()
        for text in template
    ]
    said += [
        (id_, language, text)
        for id_, words in CATALOGUE.items.items()
        for language, told in words.items()
        for text in (*told.sentence, *told.mail)
        if text
    ]
    for about, language, text in said:
        assert bool(HAN.search(text)) is (language is Language.ZH), (about, text)


def test_every_cause_tells_the_engine_what_to_do_without_placing_an_order_twice() -> None:
    again = {Action.RETRY, Action.RETRY_AFTER, Action.RECALIBRATE_AND_RETRY, Action.FIX_REQUEST}
    for code, cause in CATALOGUE.causes.items():
        advice = cause.advice
        if advice.action in again:
            assert advice.safe_to_resend, code
        if advice.action is Action.QUERY_ORDER:
            assert not advice.safe_to_resend, code
        assert (advice.after is not None) is (advice.action is Action.RETRY_AFTER), code


def test_an_order_whose_fate_is_unknown_is_queried_and_never_resent() -> None:
    unknown = CATALOGUE.causes["UNKNOWN_EXECUTION"]

    assert unknown.advice.action is Action.QUERY_ORDER
    assert "client order id" in unknown.text[Language.EN].next[0]
    assert "never resend" in unknown.text[Language.EN].next[0]


def test_what_the_customer_cannot_mend_has_words_for_the_customer() -> None:
    for code, cause in CATALOGUE.causes.items():
        for text in cause.text.values():
            own = cause.owner in {Owner.CUSTOMER, Owner.EXCHANGE}
            assert bool(text.customer) is not own, code
            steps = text.customer or text.remedy
            assert not [s for step in steps for s in step if "`" in s or "sonde" in s], code
            assert text.by_itself, code


def test_what_is_to_be_copied_is_a_value_that_the_mails_have_words_for() -> None:
    copied = {cause.copy for cause in CATALOGUE.causes.values() if cause.copy}

    assert {f"copy_{name}" for name in copied} <= CATALOGUE.phrases.keys()
    assert copied


OFF = r"(untick|switch off|disable|turn off)[^.]{0,30}"
OFF_ZH = r"(关闭|取消勾选)[^。，]{0,10}"
CONTRADICTIONS = {
    "reading stays on": f"{OFF}reading|{OFF_ZH}Reading",
    "futures stay on": f"{OFF}futures|{OFF_ZH}Futures",
    "the IP list stays on": (
        r"unrestrict|(remove|delete|lift|turn off)[^.]{0,30}(IP (list|restriction)|trusted IPs)"
        r"|不限制 IP|(取消|关闭|删除)[^。，]{0,12}(IP 限制|白名单|trusted IPs)"
    ),
    "withdrawals stay off": (
        r"(?<!un)tick[^.,;]{0,40}withdraw|(?<!取消)(?<!不要)(勾选|开启|打开)[^。，；、]{0,10}Withdraw"
    ),
}


@pytest.mark.parametrize("what", CONTRADICTIONS)
def test_no_remedy_contradicts_the_permissions_that_a_key_needs(what: str) -> None:
    wrong = re.compile(CONTRADICTIONS[what], re.IGNORECASE)
    # That a key has no IP list is what one cause is about; its own explanation names it.
    named = [(code, text) for code, text in every_text() if wrong.search(text)]

    assert [found for found in named if "from unrestricted keys" not in found[1]] == []


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("reading stays on", "Untick Enable Reading and save."),
        ("reading stays on", "取消勾选 Enable Reading。"),
        ("futures stay on", "Switch off Enable Futures for a while."),
        ("futures stay on", "请关闭 Enable Futures。"),
        ("the IP list stays on", "Choose Unrestricted."),
        ("the IP list stays on", "Remove the key's IP restriction for a test."),
        ("the IP list stays on", "可以暂时取消 IP 限制。"),
        ("withdrawals stay off", "Tick Enable Reading and Enable Withdrawals."),
        ("withdrawals stay off", "请勾选 Enable Withdrawals。"),
    ],
)
def test_a_remedy_that_contradicts_would_be_noticed(what: str, text: str) -> None:
    assert re.search(CONTRADICTIONS[what], text, re.IGNORECASE)


def test_whoever_makes_a_new_key_is_told_all_four_settings() -> None:
    making = [
        (code, " ".join(template[-1] for template in (text.customer or text.remedy)))
        for code, cause in CATALOGUE.causes.items()
        for text in cause.text.values()
        if any("Create API" in step for template in text.remedy for step in template)
    ]

    assert len(making) >= 8
    for code, steps in making:
        for setting in ("Enable Reading", "Enable Futures", "Enable Withdrawals"):
            assert setting in steps, (code, setting)
        assert re.search(
            "host's address|address of the engine's host|主机地址|主机的地址", steps
        ), code


def test_whoever_reads_of_withdrawals_reads_that_they_are_off() -> None:
    off = re.compile(r"untick|\boff\b|never|不要勾选|取消勾选|关闭", re.IGNORECASE)
    told = [(code, text) for code, text in every_text() if "withdrawal" in text.lower()]

    assert told
    assert [(code, text) for code, text in told if not off.search(text)] == []


def test_every_remedy_has_steps_and_every_cause_a_source() -> None:
    for code, cause in CATALOGUE.causes.items():
        assert cause.sources, code
        for text in cause.text.values():
            assert text.remedy, code
            assert text.next, code
