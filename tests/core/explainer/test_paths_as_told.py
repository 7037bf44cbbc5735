"""Broken paths in the words of many clients, and of Windows in its many languages."""

import pytest

from sonde_core.explainer import explain


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("curl: (28) Connection timed out after 5001 milliseconds", "NETWORK_TIMEOUT"),
        (
            "cURL error 28: Failed to connect to dapi.binance.com: Timeout was reached",
            "NETWORK_TIMEOUT",
        ),
        ("cURL error 56: Recv failure on fapi.binance.com", "NETWORK_CONNECTION"),
        ("curl: (52) Empty reply from server", "NETWORK_CONNECTION"),
        ("binance: unexpected end of stream", "NETWORK_CONNECTION"),
        ("[WebError] The response ended prematurely. (ResponseEnded)", "NETWORK_CONNECTION"),
        ("onClose code=1006 remote=true", "NETWORK_CONNECTION"),
        ("ws client: UnableToConnect", "NETWORK_CONNECTION"),
        ("ClientPayloadError: Response payload is not completed", "NETWORK_CONNECTION"),
        ("SocketError: other side closed (UND_ERR_SOCKET)", "NETWORK_CONNECTION"),
        ("reqwest: error sending request for url", "NETWORK_CONNECTION"),
        ("Message: An error occurred while sending the request.", "NETWORK_CONNECTION"),
        ("Unable to read data from the transport connection", "NETWORK_CONNECTION"),
        (
            "Ein Verbindungsversuch ist fehlgeschlagen, da die Gegenstelle nach einer bestimmten"
            " Zeitspanne nicht richtig reagiert hat",
            "NETWORK_TIMEOUT",
        ),
        (
            "Une tentative de connexion a échoué car le parti connecté n’a pas répondu",
            "NETWORK_TIMEOUT",
        ),
        ("由于连接方在一段时间后没有正确答复,连接尝试失败", "NETWORK_TIMEOUT"),
        ("由于目标计算机积极拒绝,无法连接.", "NETWORK_CONNECTION"),
        ("Удаленный хост принудительно разорвал существующее подключение", "NETWORK_CONNECTION"),
        (
            "Eine vorhandene Verbindung wurde vom Remotehost geschlossen",
            "NETWORK_CONNECTION",
        ),
        ("Этот хост неизвестен: fapi.binance.com", "NETWORK_DNS"),
        ("Host desconocido (api.binance.com)", "NETWORK_DNS"),
    ],
)
def test_a_path_that_broke_is_known_however_a_client_says_it(text: str, cause: str) -> None:
    assert explain(text).cause == cause


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("binance read timed out, but the order was executed", "UNKNOWN_EXECUTION"),
        ("下单超时,不知道是否成交", "UNKNOWN_EXECUTION"),
        (
            "HTTP status 502, yet the position was opened by the buy that failed",
            "UNKNOWN_EXECUTION",
        ),
        ("read timed out while asking for the klines", "NETWORK_TIMEOUT"),
    ],
)
def test_an_order_that_a_broken_path_left_open_is_more_than_the_path(text: str, cause: str) -> None:
    assert explain(text).cause == cause


def test_a_class_of_ccxts_for_silent_exchanges_offers_every_broken_path() -> None:
    explanation = explain("reload failed: ExchangeNotAvailable binance GET https://api.binance.com")
    named = {explanation.cause, *explanation.alternatives}
    assert named >= {"EXCHANGE_UNAVAILABLE", "NETWORK_CONNECTION", "NETWORK_DNS"}


def test_a_bare_code_stands_against_the_reasons_that_somebody_guesses() -> None:
    text = "why -1008, because there were too many orders or because it is overloaded"
    assert explain(text).cause == "EXCHANGE_OVERLOAD"


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("you may set recvWindow to values <= 60000", "PARAMETER_INVALID"),
        (
            "Invalid JSON error message from Binance: this endpoint is deprecated",
            "PARAMETER_INVALID",
        ),
        ("旧接口已经下线", "PARAMETER_INVALID"),
        ("BinanceWebsocketQueueOverflow", "OTHER"),
    ],
)
def test_windows_and_addresses_that_binance_no_longer_takes(text: str, cause: str) -> None:
    assert explain(text).cause == cause
