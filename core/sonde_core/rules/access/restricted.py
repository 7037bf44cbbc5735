"""Decides whether the account itself is restricted, whatever its key may do.

| what came                                                    | verdict                        |
| ------------------------------------------------------------ | ------------------------------ |
| a call refused with a text that stands for a restriction     | ACCOUNT_RESTRICTED, confirmed  |
| the futures account says that it may not trade               | ACCOUNT_RESTRICTED, confirmed  |
| the account's status is not "Normal", or spot may not trade: |                                |
| … no futures test order was accepted                         | ACCOUNT_RESTRICTED, likely     |
| … futures go on working                                      | the same, as a warning         |
"""

from collections.abc import Iterator

from sonde_core.findings import Confidence, Item, Severity, item
from sonde_core.readings import AccountStatus, Kind, TradingFlags
from sonde_core.rules.access.step import Step
from sonde_core.rules.account import Account, meaning
from sonde_core.rules.answers import said

CAUSE = "ACCOUNT_RESTRICTED"
NORMAL = "Normal"


def restrictions(account: Account) -> list[Step]:
    """Return what the exchange restricts, at most one step."""
    hard, soft = tuple(_hard(account)), tuple(_soft(account))
    if hard:
        return [Step(cause=CAUSE, confidence=Confidence.CONFIRMED, supporting=(*hard, *soft))]
    if not soft:
        return []
    test = account.finals.get(Kind.FUTURES_ORDER_TEST)
    works = (item("futures_trade", test[0]),) if test and test[1].ok else ()
    return [
        Step(
            cause=CAUSE,
            confidence=Confidence.LIKELY,
            severity=Severity.WARNING if works else None,
            supporting=soft,
            contradicting=works,
        )
    ]


def _hard(account: Account) -> Iterator[Item]:
    """Say what keeps the engine from trading futures."""
    for reading, answer in account.finals.values():
        if meaning(reading, answer) == CAUSE:
            yield said(reading, answer)
        elif reading.kind is Kind.FUTURES_ACCOUNT and answer.facts == TradingFlags(can_trade=False):
            yield item("account_may_not_trade", reading)


def _soft(account: Account) -> Iterator[Item]:
    """Say what is restricted and need not concern futures."""
    for reading, answer in account.finals.values():
        match answer.facts:
            case AccountStatus(status) if status != NORMAL:
                yield item("account_not_normal", reading, status=status)
            case TradingFlags(can_trade=False) if reading.kind is Kind.SPOT_ACCOUNT:
                yield item("spot_may_not_trade", reading)
