"""Traditional Chinese means what simplified Chinese means."""

import pytest

from sonde_core.explainer import explain
from sonde_core.explainer.cleaning import clean


@pytest.mark.parametrize(
    ("traditional", "simplified"),
    [
        ("API密鑰權限不足", "API密钥权限不足"),
        ("IP 不在白名單", "IP 不在白名单"),
        ("請求過於頻繁，請稍後再試", "请求过于频繁，请稍后再试"),
        ("訂單會立即觸發", "订单会立即触发"),
        ("時間戳比伺服器超前 1200 毫秒", "时间戳比服务器超前 1200 毫秒"),
        ("帳戶餘額不足", "账户余额不足"),
        ("保證金不足", "保证金不足"),
        ("簽章無效", "签名无效"),
        ("連線逾時", "连接超时"),
        ("網路錯誤", "网络错误"),
        ("幣安 API 金鑰無效", "币安 API 密钥无效"),
        ("訂單不存在", "订单不存在"),
        ("IP 被封鎖", "IP 被封锁"),
        ("下單數量：0.25 價格：3000 餘額不足", "下单数量：0.25 价格：3000 余额不足"),
    ],
)
def test_both_forms_are_read_alike(traditional: str, simplified: str) -> None:
    one, other = explain(traditional), explain(simplified)
    assert one.cause == other.cause != "OTHER"
    assert (one.confidence, one.alternatives, one.facts) == (
        other.confidence,
        other.alternatives,
        other.facts,
    )


def test_the_texts_own_characters_are_kept_where_it_is_quoted() -> None:
    assert explain("訂單會立即觸發").words == "訂單會立即觸發"


def test_japanese_keeps_its_own() -> None:
    assert explain("タイムスタンプの時刻がずれています").cause == "CLOCK_SKEW"
    assert "時刻" in clean("時刻がずれる").lower


@pytest.mark.parametrize("text", ["伺服器 İ 逾時", "İ幣安", "網路\u2028連線"])
def test_every_place_stays_where_it_was(text: str) -> None:
    cleaned = clean(text)
    assert len(cleaned.plain) == len(cleaned.lower)
