"""The agent and what an engine imports each take secrets out; one table holds both.

Neither may import the other. An engine in another language has the agent's only.
"""

import math
import time
from collections.abc import Callable
from itertools import count

import pytest

from sonde_agent.redaction import redact as by_the_agent
from sonde_reporter.capturing import capture
from sonde_reporter.errors import describe
from sonde_reporter.redaction import redact as by_the_reporter

Redact = Callable[[str], str]


def _by_the_reporter(text: str) -> str:
    return by_the_reporter(text, len(text))


REDACTORS = pytest.mark.parametrize(
    "redact",
    [pytest.param(by_the_agent, id="agent"), pytest.param(_by_the_reporter, id="reporter")],
)
KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
SIGNATURE = "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"


@REDACTORS
@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (f"GET https://fapi.example/x?timestamp=1&signature={SIGNATURE}", SIGNATURE),
        ("https://fapi.example/x?signature=short%2B%3D&recvWindow=1", "short"),
        ("https://user:hunter2@proxy.example:3128/ refused", "hunter2"),
        ("proxy user:hunter2@10.0.0.1:3128 refused", "hunter2"),
        ("proxy=user:hunter2@10.0.0.1", "hunter2"),
        ("user:hunt@er2@10.0.0.1", "er2"),
        ("请求https://user:hunter2@proxy.example失败", "hunter2"),
        ("https://h.example apiSecret=shortsecret12345 password=hunter2", "shortsecret12345"),
        ("https://h.example apiSecret=shortsecret12345 password=hunter2", "hunter2"),
        ("BINANCE_API_KEY=short", "short"),
        ("export BINANCE_SECRET_KEY='short one'", "one"),
        ("myApiKey: short", "short"),
        ("密钥apiKey=short", "short"),
        ("x-mbx-apikey: short", "short"),
        ("{'X-MBX-APIKEY': 'short'}", "short"),
        ("[(b'x-mbx-apikey', b'short')]", "short"),
        ('{\\"apiKey\\":\\"short\\"}', "short"),
        ('{"listenKey":"short"}', "short"),
        ("Authorization: Bearer abc.def", "abc.def"),
        ("Cookie: session", "session"),
        ("Cookie: theme=dark; session=hunter2", "hunter2"),
        ("set-cookie: theme=dark;session=hunter2; Path=/", "hunter2"),
        (":api_secret => 'hunter2'", "hunter2"),
        ("password：hunter2", "hunter2"),
        ("密码：hunter2", "hunter2"),
        ("mysql?user=a;pwd=hunter2", "hunter2"),
        ("passphrase = hunter2", "hunter2"),
        ("wss://fstream.example/ws/vmPUZE6mv9SD5VNH closed", "vmPUZE6mv9SD5VNH"),
        (f"bad key {KEY}", KEY),
        (f"sig={KEY[:30]}%2B{KEY[30:]}%3D%3D", KEY[30:]),
        (f"sig={KEY[:30]}/{KEY[30:60]}/{KEY[:30]}==", KEY[30:60]),
        (f"-----BEGIN PRIVATE KEY-----\n{KEY[:8]}/short\n-----END PRIVATE KEY----- end", KEY[:8]),
        (f"-----BEGIN PRIVATE KEY-----\n{KEY[:8]}/cut off", KEY[:8]),
    ],
)
def test_a_secret_is_taken_out_wherever_it_stands(redact: Redact, text: str, secret: str) -> None:
    assert secret in text
    assert secret not in redact(text)


@REDACTORS
@pytest.mark.parametrize(
    "text",
    [
        'binanceusdm {"code":-2015,"msg":"Invalid API-key, IP, or permissions for action, request '
        'ip: 203.0.113.9"}',
        "Mandatory parameter 'signature' was not sent, was empty/null, or malformed.",
        "Signature for this request is not valid.",
        "Order would immediately trigger. clientOrderId=x-cvBPrNm9-8f14e45fceea167a5a36",
        "HTTPSConnectionPool(host='fapi.binance.com', port=443): Read timed out. (read timeout=10)",
        "request ip: 203.0.113.9, also 2001:db8:85a3:8d3:1319:8a2e:370:7348",
        "时间戳超出接收窗口，请校准时钟：偏差 +1523 毫秒",
    ],
)
def test_what_explains_a_refusal_stays(redact: Redact, text: str) -> None:
    assert redact(text) == text


FAMILIES = (
    *"/1{[<:@?&-z= .\t\\\"'%",
    *(
        "a:",
        "a@",
        "a:b@",
        ":@",
        "/a",
        "/a?",
        "//",
        "a.",
        "a=1,",
        "12.5,",
        "QUJD",
        "\\x8f",
        "\\u00e9",
    ),
    *("错误", "错:", "%2B", "%2", "A" * 39 + " ", "http://", "(http://", "ws://a", "https://a "),
    *("-----BEGIN ", "-----END", "-----END A", "token=b'", "token=Bearer ", "secret = ", "secret"),
    *("secret   ", "api_key:'", "apikey',", "code ", "code  :", '"msg":"', '"msg":"\\', "x 500 "),
    *(
        "Cookie: a=1; ",
        "cookie: a=",
        "; a=1",
        "<p>",
        "&amp;",
        '{"s":"BTCUSDT","p":"1.1"},',
        ".c1{margin:0;padding:1px}",
        "http://x 5",
    ),
)
MARKS = "a ? @ :// key code msg "
"""One of each that a pattern is tried for: whatever follows, every pattern reads it."""
NUMBERS = count()
"""So that no text comes twice: what was read once is not read again."""
TIMES_AS_LONG = 8
MOST_TIMES = 12.0
"""That a text so many times as long may take; a quadratic pattern takes 64 times as much."""


@pytest.mark.parametrize(
    ("read", "length"),
    [
        pytest.param(by_the_agent, 1_000, id="agent"),
        pytest.param(_by_the_reporter, 1_000, id="reporter"),
        # It reads no more than 4,000 characters.
        pytest.param(lambda text: describe(capture(RuntimeError(text))), 500, id="describing"),
    ],
)
@pytest.mark.parametrize("unit", FAMILIES)
def test_the_time_grows_with_the_text_and_no_faster(
    read: Callable[[str], object], length: int, unit: str
) -> None:
    short = min(_took(read, unit, length) for _ in range(5))
    ratio = math.inf
    for _ in range(5):  # others work here too: once is enough
        ratio = _took(read, unit, TIMES_AS_LONG * length) / short
        if ratio <= MOST_TIMES:
            break

    assert ratio <= MOST_TIMES


def _took(read: Callable[[str], object], unit: str, length: int) -> float:
    text = f"{next(NUMBERS)} {MARKS}" + (unit * length)[:length]
    begin = time.thread_time()  # not what others make it wait for
    read(text)
    return time.thread_time() - begin
