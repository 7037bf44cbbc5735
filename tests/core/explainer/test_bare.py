"""Numbers without a word about them, and answers of hosts that are not the exchange's."""

import pytest

from sonde_core.explainer import explain


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("binance 429", "RATE_LIMIT_WEIGHT"),
        ("币安 429", "RATE_LIMIT_WEIGHT"),
        ("幣安 418", "IP_BANNED"),
        ("Binance 418", "IP_BANNED"),
        ("429", "RATE_LIMIT_WEIGHT"),
        ("418", "IP_BANNED"),
        ("429 / 418", "RATE_LIMIT_WEIGHT"),
        ("451", "GEO_RESTRICTED"),
        ("my GitHub Actions runner is in a US region and gets 451", "GEO_RESTRICTED"),
        ("GitHub Actions: 451 / self-hosted runner: fine", "GEO_RESTRICTED"),
        ("451 again on the runners, over a VPN all is well", "GEO_RESTRICTED"),
        ("429 from binance", "RATE_LIMIT_WEIGHT"),
        ("HTTP 451 in GitHub Actions, with a VPN it works", "GEO_RESTRICTED"),
    ],
)
def test_a_bare_status_means_what_it_means_with_words(text: str, cause: str) -> None:
    assert explain(text).cause == cause


@pytest.mark.parametrize("text", ["12", "5000 / 418000", "429.5", "4291", "USDT 429,000"])
def test_other_numbers_are_no_statuses(text: str) -> None:
    assert explain(text).facts.http_status is None


@pytest.mark.parametrize(
    ("number", "cause"),
    [
        (11001, "NETWORK_DNS"),
        (11002, "NETWORK_DNS"),
        (11004, "NETWORK_DNS"),
        (10060, "NETWORK_TIMEOUT"),
        (10061, "NETWORK_CONNECTION"),
        (10054, "NETWORK_CONNECTION"),
        (10051, "NETWORK_CONNECTION"),
        (10065, "NETWORK_CONNECTION"),
    ],
)
@pytest.mark.parametrize(
    "written",
    [
        "[WinError {}] 目标计算机",
        "OSError: [Errno {}]",
        "Erreur {} : hôte",
        "сокет, ошибка {}",
        "socket error {} api.binance.com",
        "binance {}",
        "Die Adresse wurde nicht gefunden (os error {})",
        "套接字错误：{}",
        "接続済みの呼び出し先 ({})",
    ],
)
def test_a_number_of_windows_means_the_same_in_every_language(
    written: str, number: int, cause: str
) -> None:
    assert explain(written.format(number)).cause == cause


@pytest.mark.parametrize("text", ["equity 10060 USDT", "order 10054 filled", "price: 10061.5"])
def test_an_amount_is_no_number_of_a_socket(text: str) -> None:
    assert not explain(text).cause.startswith("NETWORK")


HEADERS = "x-mbx-used-weight: 31\nx-mbx-used-weight-1m: 31\nx-mbx-order-count-10s: 1"


@pytest.mark.parametrize(
    "text",
    [
        f"HTTP/1.1 401 Unauthorized\n{HEADERS}\n",
        f"401\n{HEADERS}",
        "401 {'x-mbx-used-weight': '31', 'x-mbx-used-weight-1m': '31', 'server': 'nginx'}",
        "(401, None, '', {'server': 'nginx', 'x-mbx-used-weight-1m': '31'}, None)",
        f'{{"code":-2014,"msg":"API-key format invalid."}}\n{HEADERS}',
        f'{HEADERS}\n\n{{"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."}}',
    ],
)
def test_headers_that_count_are_no_limit_where_a_key_is_refused(text: str) -> None:
    assert explain(text).cause in {"KEY_INVALID", "IP_NOT_WHITELISTED", "PERMISSION_MISSING"}


@pytest.mark.parametrize(
    "text",
    [
        "404 Not Found: https://api.telegram.org/botX/sendMessage",
        "HTTPError: 404 Client Error: Not Found for url: https://api.telegram.org/botX/getMe",
        "HTTP 401 for url: https://hooks.slack.com/services/T0/B0 (binance bot)",
        "403 Forbidden for url: https://api.coingecko.com/api/v3/ping",
    ],
)
def test_a_status_of_another_host_is_not_the_exchanges(text: str) -> None:
    assert explain(text).cause == "OTHER"


@pytest.mark.parametrize(
    "text",
    [
        "404 Client Error: Not Found for url: https://api.binance.com/api/v3/nothing",
        "403 Forbidden for url: https://fapi.binance.com/fapi/v1/order, told by telegram",
    ],
)
def test_a_status_of_the_exchange_is(text: str) -> None:
    assert explain(text).cause != "OTHER"


@pytest.mark.parametrize(
    "text",
    ["binance has no market QQQ/BTC", "binance does not have market symbol QQQ/BTC"],
)
def test_a_market_that_is_not_there(text: str) -> None:
    assert explain(text).cause == "SYMBOL_INVALID"
