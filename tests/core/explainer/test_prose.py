"""People's own sentences: what they mean decides, not which words they choose."""

import pytest

from sonde_core.explainer import explain
from sonde_core.explainer.prose import RULES
from sonde_core.explainer.vocabulary import IDEAS
from sonde_core.findings import Confidence

TOLD = {
    "IP_NOT_WHITELISTED": [
        "My provider hands out dynamic addresses, so the key fails every few days",
        "we had to add the address of the new box in the API management",
        "the key only accepts calls from my office machine",
        "сменился внешний айпи, пришлось добавить новый",
        "服务器地址变了,要把新的地址加进去",
    ],
    "PERMISSION_MISSING": [
        "I forgot to tick the futures box when I made the key",
        "he hadn't enabled margin for the API",
        "the key was made with read only rights",
        "nobody allowed withdrawals for that key",
        "No tengo habilitados los futuros en la clave",
        "API 没有开合约权限",
    ],
    "KEY_INVALID": [
        "only half of the key was copied",
        "my keys got deleted last week",
        "the credentials expired, I had to renew them",
        "ключ удалили, создал заново",
        "密钥复制的时候少了一位",
        "a chave foi excluída",
    ],
    "CREDENTIALS_MISSING": [
        "key and secret were empty in the environment",
        "没有在配置文件里填 key",
        "please provide an api key first",
    ],
    "WRONG_ENVIRONMENT": [
        "I used my live keys against the sandbox",
        "模拟盘的key连的却是实盘",
        "demo trading wants keys of its own",
    ],
    "SIGNATURE_INVALID": [
        "spaces in the client id were not encoded before signing",
        "my secret had a newline so the hmac is wrong",
    ],
    "CLOCK_SKEW": [
        "the container is an hour off, its clock does not sync",
        "our timestamps drift after the laptop sleeps",
        "desync of the clock on windows",
        "I set the time two seconds behind and now it works",
        "本地时间和服务器相差几秒",
        "рассинхронизация часов на сервере",
    ],
    "INSUFFICIENT_BALANCE": [
        "the script should not die for lack of funds",
        "there was not enough usdt left in the wallet",
        "it wants to sell more than I have",
        "insuficient money to buy",
        "不够资金买",
    ],
    "MARGIN_INSUFFICIENT": [
        "insuficient margin when it opens",
        "not enough collateral for one more",
        "маржи не хватает на сделку",
    ],
    "FILTER_VIOLATION": [
        "the amount is below what the exchange takes at minimum",
        "quantity has too many digits after the comma",
        "a quantidade é menor que o mínimo",
        "下单金额太小",
        "price too far away from the market",
    ],
    "WOULD_IMMEDIATELY_TRIGGER": [
        "the stoploss was above the current price already",
        "price moved past my stop before it was placed",
        "止损价高于现价",
    ],
    "ORDER_NOT_FOUND": [
        "it tries to cancel orders that were filled a moment ago",
        "撤单的时候订单已成",
        "ордер уже исполнен, отменить нельзя",
    ],
    "DUPLICATE_ORDER": [
        "both legs carry the same order id",
        "两个订单的订单号一样",
    ],
    "UNKNOWN_EXECUTION": [
        "got a timeout but the order was executed",
        "the response was lost, the retry placed the order twice",
        "下单超时了,不知道成交没有",
    ],
    "ORDER_RATE_LIMIT": [
        "it sends too many orders per second",
        "over 200000 orders a day, limit reached",
    ],
    "RATE_LIMIT_WEIGHT": [
        "we poll far too often, every second",
        "too many calls to klines",
        "请求太频繁被限制",
    ],
    "SYMBOL_INVALID": [
        "on futures there's no coin of that name",
        "that token got delisted",
        "этой пары нет на бирже",
        "bnb/usdt does not exist there",
    ],
    "PARAMETER_INVALID": [
        "it complains that the quantity was not sent",
        "the interval of seven minutes is not supported",
        "stop orders go to the algo endpoint now",
    ],
    "POSITION_MODE_MISMATCH": ["switch the account to hedge mode", "设置成双向持仓模式就好了"],
    "LEVERAGE_OR_MARGIN_MODE": ["75x is not allowed here", "改成逐仓设置不了"],
    "GEO_RESTRICTED": [
        "not available in my country",
        "addresses from canada do not work",
        "n'est pas disponible dans mon pays",
    ],
    "NETWORK_CONNECTION": ["the stream keeps dropping at night", "my internet was down"],
    "EXCHANGE_UNAVAILABLE": ["is the exchange down for an upgrade", "биржа на техобслуживании"],
    "ACCOUNT_RESTRICTED": ["they froze my account", "my account is under review"],
    "IP_RESTRICTION_OFF": ["keys without a bound ip get deleted after a while"],
    "KEY_OLDER_THAN_FUTURES": [
        "She activated the futures account. The old key did not work. A new key was needed."
    ],
}


@pytest.mark.parametrize(
    ("cause", "text"), [(cause, text) for cause, texts in TOLD.items() for text in texts]
)
def test_a_refusal_that_is_told_in_own_sentences_is_understood_and_never_confirmed(
    cause: str, text: str
) -> None:
    explanation = explain(text)
    assert explanation.cause == cause
    assert explanation.confidence is not Confidence.CONFIRMED


@pytest.mark.parametrize(
    "text",
    [
        "how do I compute a moving average",
        "the chart does not load in the browser",
        "please support kucoin",
        "backtests take forever",
        "npm ERR! missing script: start",
        "the strategy never gives a signal",
        "the README has a typo",
        "docker image does not build on arm64",
        "回测结果和实盘不一致",
        "Как установить бота?",
    ],
)
def test_what_is_told_of_something_else_stays_other(text: str) -> None:
    assert explain(text).cause == "OTHER"


def test_a_code_decides_against_the_sentences_around_it() -> None:
    text = "my clock is off I think, it says -2019 Margin is insufficient."
    assert explain(text).cause == "MARGIN_INSUFFICIENT"


def test_ideas_of_different_sentences_meet_less_surely_than_those_of_one() -> None:
    one = explain("the key was deleted")
    two = explain("The key is new. Something was deleted.")
    assert (one.cause, one.confidence) == ("KEY_INVALID", Confidence.LIKELY)
    assert two.confidence is Confidence.POSSIBLE


def test_a_text_that_only_speaks_of_keys_offers_every_trouble_with_keys() -> None:
    explanation = explain("my key and secret are right but the bot gives an error")
    named = {explanation.cause, *explanation.alternatives}
    assert named >= {"KEY_INVALID", "PERMISSION_MISSING", "IP_NOT_WHITELISTED"}


def test_every_rule_is_made_of_known_ideas_and_every_idea_serves_a_rule() -> None:
    used = {idea for rule in RULES for idea in rule.ideas.split()}
    assert used == set(IDEAS)
