"""What stands before a number says what it is, in any language; a code keeps its own message."""

import pytest

from sonde_core.explainer import explain


@pytest.mark.parametrize(
    "label",
    ["code", "Fehlercode", "código", "codigo", "ошибка", "код ошибки", "erreur", "エラー", "오류",
     "错误码", "錯誤碼", "hata", "erro", "№"],
)  # fmt: skip
def test_a_code_is_read_behind_its_label_in_any_language(label: str) -> None:
    told = explain(f"binance {label} -1022: не так")
    assert (told.cause, told.facts.code) == ("SIGNATURE_INVALID", -1022)


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("Binance erro -2015: chave inválida", "KEY_INVALID"),
        ("Binance código -2015: sin permiso para futuros", "PERMISSION_MISSING"),
        ("바이낸스 오류 -2015: 권한 없음", "PERMISSION_MISSING"),
        ("binance ошибка -2015: ip нет в белом списке", "IP_NOT_WHITELISTED"),
    ],
)
def test_words_of_other_languages_choose_among_what_a_code_means(text: str, cause: str) -> None:
    told = explain(text)
    assert (told.cause, told.confidence, told.facts.code) == (cause, "possible", -2015)


@pytest.mark.parametrize(
    ("text", "cause", "code"),
    [
        ("原来报 -1022，改完以后是 -2014 API-key format invalid.", "KEY_INVALID", -2014),
        ("was -1021, is -2019 Margin is insufficient.", "MARGIN_INSUFFICIENT", -2019),
        ("-1003 gone. Now -1022: Signature for this request is not valid.",
         "SIGNATURE_INVALID", -1022),
    ],
)  # fmt: skip
def test_a_message_belongs_to_its_own_code(text: str, cause: str, code: int) -> None:
    told = explain(text)
    assert (told.cause, told.facts.code) == (cause, code)


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("TOO_MANY_ORDERS", "ORDER_RATE_LIMIT"),
        ("INVALID_SIGNATURE", "SIGNATURE_INVALID"),
        ("BAD_API_KEY_FMT", "KEY_INVALID"),
        ("BAD_SYMBOL", "SYMBOL_INVALID"),
        ("MARGIN_NOT_SUFFICIEN", "MARGIN_INSUFFICIENT"),
        ("REDUCE_ONLY_REJECT", "REDUCE_ONLY_REJECTED"),
        ("ORDER_WOULD_IMMEDIATELY_TRIGGER", "WOULD_IMMEDIATELY_TRIGGER"),
    ],
)
@pytest.mark.parametrize(
    "written", ["{}", "if (err === BinanceErrors.{}) retry()", "now I get {} each minute"]
)
def test_the_published_name_of_an_error_means_what_its_code_does(
    written: str, name: str, cause: str
) -> None:
    assert explain(written.format(name)).cause == cause


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ('ermissions for action, request ip: 192.0.2.71"}', "IP_NOT_WHITELISTED"),
        ("…or this request was 1000ms ahead of the server's time.", "CLOCK_AHEAD"),
        ("...equest is outside of the recvWindow.", "CLOCK_BEHIND"),
        ("gnature for this request is not valid.", "SIGNATURE_INVALID"),
    ],
)
def test_a_message_is_known_by_its_end(text: str, cause: str) -> None:
    assert explain(text).cause == cause
