"""Knows that a path broke to somebody else than the exchange: a chat, a database, a package index.

| what the text names                                    | who did not answer                     |
| ------------------------------------------------------ | -------------------------------------- |
| a host of Binance's                                    | Binance                                |
| none, but a called host of another's                   | somebody else                          |
| no host, but a service on the line of the failure      | somebody else                          |
| no host, a service elsewhere, Binance nowhere          | somebody else                          |

Another host counts where it is called, as behind `host=`, `lookup`, `GET`. Links do not count.
"""

import re
from collections.abc import Sequence

from sonde_core.explainer.signs import Heard, Sign, Table, holds, phrases
from sonde_core.findings import Confidence

SERVICES = Table(
    phrases(
        "OTHER", Confidence.LIKELY,
        "telegram", "discord", "slack.com", "slack_sdk", "redis", "pymongo", "mongodb", "mongo.",
        "mongoose", "psycopg", "postgres", "mysql", "mariadb", "influxdb", "clickhouse",
        "rabbitmq", "amqp", "kafka", "zookeeper", "elasticsearch", "smtp", "imaplib", "sendgrid",
        "mailgun", "twilio", "tweepy", "twitter", "npmjs", "pythonhosted",
        "pip._vendor", "registry-1.docker", "docker.sock", "grafana", "prometheus", "openrouter",
        "ollama", "firebase", "supabase", "googleapis", "yfinance", "tradingview", "web3",
        "etherscan", "infura", "coingecko", "coinmarketcap", "openai", "deepseek", "anthropic",
        "solana rpc", "ethereum rpc", "bsc rpc", "jsonrpc",
        "localhost:6379", "localhost:5432", "localhost:27017", "localhost:3306",
        "127.0.0.1:6379", "127.0.0.1:5432", "127.0.0.1:27017", "127.0.0.1:3306",
    ),
)  # fmt: skip
OWN = ("binance", "bnbstatic")
OWN_HOSTS = ("binance.com", "binance.us", "binance.vision", "binancefuture.com")
DOMAINS = (
    ".com", ".org", ".net", ".io", ".us", ".vision", ".cc", ".me", ".dev", ".app", ".info", ".co",
    ".ai", ".xyz", ".cn", ".fm", ".ru", ".jp", ".kr", ".local",
)  # fmt: skip
LABELS = r"(?:[a-z0-9_-]{1,63}\.){1,6}"
CALLED = re.compile(
    r"(?:\bhost(?:name)?[\"']?\s?[=:]|\blookup|\benotfound|\beai_again|\bresolve(?: host)?:?|"
    r"\bunknownhostexception:|\bconnect(?:ing|ion)? to(?: host| server| server at)?|\brequest to|"
    r"\b(?:get|post|put|delete|head)|\bfor url:|\bfetch(?:ing)?|\bserver at|\baccess to)"
    r"\s{0,3}[\"'`(\[]{0,2}\s?"
    rf"({LABELS}(?:{'|'.join(domain[1:] for domain in DOMAINS)}))"
    r"(?![\w(-]|\.[a-z])",
    re.A,
)


def called_another(signs: Sequence[Sign], lower: str, heard: Heard, *, named: bool) -> bool:
    """Tell whether it was somebody else than Binance who did not answer.

    ``named`` tells whether the text names Binance at all.
    """
    if not signs or holds(lower, OWN_HOSTS):
        return False
    if holds(lower, DOMAINS) and CALLED.search(lower):
        return True
    services = SERVICES.signs(lower, heard)
    return bool(services) and (not named or any(_same_line(sign, lower, heard) for sign in signs))


def _same_line(sign: Sign, lower: str, heard: Heard) -> bool:
    """Tell whether a service, and not Binance, stands on the line of a failure."""
    start = lower.rfind("\n", 0, sign.at) + 1
    end = lower.find("\n", sign.at)
    line = lower[start : end if end >= 0 else len(lower)]
    if holds(line, OWN):
        return False
    return bool(SERVICES.signs(line, {word: [0] for word in heard if word in line}))
