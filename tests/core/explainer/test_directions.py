"""Which way a clock is wrong is told only where a text says it of the host's own."""

import pytest

from sonde_core.explainer import explain
from sonde_core.findings import Confidence

TOLD = {
    "CLOCK_BEHIND": [
        "my clock is 3 s slow",
        "my server clock is 3 seconds behind and binance refuses",
        "the clock of the container lags by two seconds",
        "our system time trails real time by several seconds, all signed calls refused",
        "时钟慢了3秒",
        "電腦時間比北京時間慢2分鐘",
        "часы сервера отстают на 3 секунды",
        "mi reloj está atrasado 3 segundos",
    ],
    "CLOCK_AHEAD": [
        "Timestamp for this request was 1000ms ahead of the server's time",
        "our host's clock runs 2s fast, binance rejects orders",
        "vps clock is ahead of binance by 1500 ms",
        "我的服务器时间快了5秒，币安报错",
        "часы спешат на 2 секунды",
    ],
    "CLOCK_SKEW": [
        "server clock is fast by 5 seconds",
        "the server is ahead of my clock by 2 seconds",
        "Binance's clock is ahead of ours by 1.2 s",
        "the exchange clock runs behind",
        "is my clock ahead or behind?",
        "is the clock 2 seconds fast?",
        "my clock is not behind, I checked NTP",
        "the first host's clock is fast, our second host's clock is slow",
        "币安服务器时间比我本地快3秒",
        "我的时钟快还是慢",
        "本地时间比服务器时间早3秒",
    ],
}


@pytest.mark.parametrize(
    ("text", "cause"), [(text, cause) for cause, texts in TOLD.items() for text in texts]
)
def test_the_direction_is_told_only_where_the_text_tells_it(text: str, cause: str) -> None:
    assert explain(text).cause == cause


@pytest.mark.parametrize("cause", ["CLOCK_BEHIND", "CLOCK_AHEAD"])
def test_what_somebody_says_of_a_clock_leaves_the_other_readings_open(cause: str) -> None:
    for text in TOLD[cause]:
        told = explain(text)
        if told.refusal is None and not told.exact:
            assert told.confidence is not Confidence.CONFIRMED
            assert "CLOCK_SKEW" in told.alternatives
