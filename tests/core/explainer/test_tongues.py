"""Descriptions in other languages than English and Chinese."""

import pytest

from sonde_core.explainer import explain
from sonde_core.findings import Confidence


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("бот не работает: недостаточно средств на счёте", "INSUFFICIENT_BALANCE"),
        ("пишет что неверная подпись", "SIGNATURE_INVALID"),
        ("не удалось подключиться к бирже", "NETWORK_CONNECTION"),
        ("нас забанили за частые вызовы", "IP_BANNED"),
        ("solde insuffisant pour cet ordre", "INSUFFICIENT_BALANCE"),
        ("ma clé API est refusée", "KEY_INVALID"),
        ("el margen insuficiente no deja abrir la posición", "MARGIN_INSUFFICIENT"),
        ("a ordem não existe mais", "ORDER_NOT_FOUND"),
        ("der Kontostand reicht nicht", "INSUFFICIENT_BALANCE"),
        ("die Anfrage lief in eine Zeitüberschreitung", "NETWORK_TIMEOUT"),
        ("선물 증거금이 부족합니다", "MARGIN_INSUFFICIENT"),
        ("서명이 올바르지 않습니다", "SIGNATURE_INVALID"),
        ("残高不足で注文できません", "INSUFFICIENT_BALANCE"),
        ("サーバーとの時刻がずれています", "CLOCK_SKEW"),
    ],
)
def test_a_description_in_another_language_leads_to_its_cause(text: str, cause: str) -> None:
    explanation = explain(text)
    assert explanation.cause == cause
    assert explanation.confidence is not Confidence.CONFIRMED


@pytest.mark.parametrize(
    "text",
    [
        "Erro: APIError(code=-2010): Account has insufficient balance for requested action.",
        'Ошибка {"code":-2010,"msg":"Account has insufficient balance for requested action."}',
        "エラー: -2010 Account has insufficient balance for requested action.",
    ],
)
def test_the_exchanges_own_words_decide_in_any_language(text: str) -> None:
    explanation = explain(text)
    assert explanation.cause == "INSUFFICIENT_BALANCE"
    assert explanation.confidence is Confidence.CONFIRMED
