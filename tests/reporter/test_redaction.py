"""What must not leave the engine's process, beside what tests/contract/test_redaction.py has."""

from types import SimpleNamespace
from urllib.parse import quote

import pytest

from sonde_reporter.capturing import MOST_BODY, MOST_CAUSE_TEXT, MOST_TEXT, capture
from sonde_reporter.errors import describe

KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
SIGNATURE = "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"
RSA = "HZ8HOjiJ1s/igS9JA+n7+7Ti/ihtkRF5BIWcPIEluJP6tlbFM/Bf44LfZka/iemtahZAZzcO9TnI5uaXh3+lrg=="
PEM = (
    "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ+DYvh6\nSEqVTm50DFtM\n"
    "-----END PRIVATE KEY-----"
)


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (f"GET https://fapi.binance.com/fapi/v1/order?a=1&signature={SIGNATURE} 400", SIGNATURE),
        (f"with url: /fapi/v1/order?timestamp=1&signature={SIGNATURE} (Caused by", "timestamp"),
        (f"wss://fstream.binance.com/ws/{KEY[:20]} closed", KEY[:20]),
        (f"headers: {{'X-MBX-APIKEY': '{KEY}'}}", KEY),
        ("headers: {'X-MBX-APIKEY': 'short'}", "short"),
        (f"apiKey={KEY[:12]}, secret: '{KEY[20:32]}'", KEY[20:32]),
        (f"apiKey={KEY[:12]}, secret: '{KEY[20:32]}'", KEY[:12]),
        ("Authorization: Bearer abc.def", "abc.def"),
        (f"signed {RSA}", RSA[:30]),
        (f"signed {quote(RSA, safe='')}", quote(RSA, safe="")[:30]),
        (f"key {PEM} end", "MC4CAQAwBQYDK2VwBCIEIJ"),
        (f"key {PEM[:60]}", "MC4CAQAwBQYDK2VwBCIEIJ"),
        ("proxy http://user:password@10.0.0.1:3128 refused", "password"),
        ("proxy user:hunter2@10.0.0.1:3128 refused", "hunter2"),
        (f'{{"listenKey":"{KEY[:30]}"}}', KEY[:30]),
        (f'{{\\"apiKey\\":\\"{KEY[:30]}\\"}}', KEY[:30]),
        (f"{'x ' * (MOST_TEXT // 2 - 10)}{KEY}", KEY[:15]),
    ],
)
def test_a_secret_is_taken_out_wherever_it_stands(text: str, secret: str) -> None:
    told = str(describe(capture(RuntimeError(text))))

    assert secret in text
    assert secret not in told


@pytest.mark.parametrize("left", [8, 24, 38])
def test_no_part_of_a_key_is_left_where_a_cause_or_a_body_is_cut(left: int) -> None:
    of_a_cause, of_a_body = RuntimeError("refused"), RuntimeError("refused")
    of_a_cause.__cause__ = RuntimeError("x " * ((MOST_CAUSE_TEXT - left) // 2) + f"{KEY} end")
    body = "x " * ((MOST_BODY - left) // 2) + f"{KEY} end"
    of_a_body.response = SimpleNamespace(status_code=401, _content=body.encode())  # type: ignore[attr-defined]

    for error in (of_a_cause, of_a_body):
        told = describe(capture(error))["text"]
        assert isinstance(told, str)
        assert len(told) > MOST_BODY // 2
        assert KEY[:8] not in told


@pytest.mark.parametrize(
    "text",
    [
        'binanceusdm {"code":-2015,"msg":"Invalid API-key, IP, or permissions for action, request '
        'ip: 203.0.113.9"}',
        "Order would immediately trigger. clientOrderId=x-cvBPrNm9-8f14e45fceea167a5a36",
        "HTTPSConnectionPool(host='fapi.binance.com', port=443): Read timed out. (read timeout=10)",
    ],
)
def test_what_explains_a_refusal_stays(text: str) -> None:
    assert describe(capture(RuntimeError(text)))["text"] == text
