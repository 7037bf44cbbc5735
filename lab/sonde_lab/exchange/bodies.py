"""What the endpoints answer when nothing is wrong. Amounts are invented and never change."""

from collections.abc import Mapping, Sequence

import msgspec

from sonde_lab.exchange.call import Call
from sonde_lab.exchange.symbols import LAST_PRICES, SYMBOLS, rate_limits, symbols
from sonde_lab.world import Account, FuturesAccount, Key

BALANCE = "7391.42"
ZERO = "0"
UPDATED_MS = 1_547_630_471_725
TRIGGERS = {"GCR": 150, "IFER": 150, "UFR": 300}

Object = Mapping[str, object]


def _key(call: Call) -> Key:
    if call.key is None:
        raise LookupError("every order of checks refuses an unknown key")
    return call.key


def _account(call: Call) -> Account:
    return _key(call).account


def empty(_call: Call) -> Object:
    """Answer a ping or a spot test order."""
    return {}


def nothing(_call: Call) -> Sequence[Object]:
    """Answer a list that clients ask for and that may be empty."""
    return ()


def server_time(call: Call) -> Object:
    """Answer the clock of the surface."""
    return {"serverTime": call.now_ms}


def exchange_info(call: Call) -> Object:
    """Answer the symbols and the limits in force."""
    limits = call.world.surface(call.surface).limits
    return {
        "timezone": "UTC",
        "serverTime": call.now_ms,
        "rateLimits": rate_limits(call.surface, limits),
        "exchangeFilters": (),
        "assets": ({"asset": "USDT", "marginAvailable": True},),
        "symbols": symbols(call.surface, _symbol(call)),
    }


def last_price(call: Call) -> object:
    """Answer what one symbol was traded at last, or all of them."""
    symbol = _symbol(call)
    if not symbol:
        return [_last_price(name) for name in SYMBOLS[call.surface]]
    return _last_price(symbol)


def _last_price(symbol: str) -> Object:
    return {"symbol": symbol, "price": LAST_PRICES[symbol], "time": UPDATED_MS}


def _symbol(call: Call) -> str:
    """Return the one symbol that is asked for, if one is."""
    return call.parameters.get("symbol", "") if call.endpoint.by_symbol else ""


def system_status(call: Call) -> Object:
    """Answer whether the exchange is under maintenance."""
    if call.world.system_maintenance:
        return {"status": 1, "msg": "system maintenance"}
    return {"status": 0, "msg": "normal"}


def api_restrictions(call: Call) -> Object:
    """Answer what the key may do."""
    key = _key(call)
    flags: dict[str, object] = msgspec.to_builtins(key.permissions)
    return {"ipRestrict": bool(key.ip_list), "createTime": key.created_ms, **flags}


def account_status(call: Call) -> Object:
    """Answer the account's status."""
    return {"data": _account(call).status}


def api_trading_status(call: Call) -> Object:
    """Answer whether trading by key is locked."""
    account = _account(call)
    return {
        "data": {
            "isLocked": account.api_locked,
            "plannedRecoverTime": account.planned_recover_ms,
            "triggerCondition": TRIGGERS,
            "updateTime": UPDATED_MS,
        }
    }


def spot_account(call: Call) -> Object:
    """Answer the spot account."""
    return {
        "makerCommission": 10,
        "takerCommission": 10,
        "canTrade": _account(call).can_trade,
        "canWithdraw": True,
        "canDeposit": True,
        "updateTime": UPDATED_MS,
        "accountType": "SPOT",
        "balances": ({"asset": "USDT", "free": BALANCE, "locked": ZERO},),
        "permissions": ("SPOT",),
        "uid": 1,
    }


def futures_config(call: Call) -> Object:
    """Answer how the futures account is set up."""
    return {
        **_futures_flags(_account(call).futures),
        "dualSidePosition": _account(call).futures.dual_side_position,
        "multiAssetsMargin": _account(call).futures.multi_assets_margin,
        "tradeGroupId": -1,
    }


def _futures_flags(futures: FuturesAccount) -> Object:
    return {
        "feeTier": 0,
        "canTrade": futures.can_trade,
        "canDeposit": futures.can_deposit,
        "canWithdraw": futures.can_withdraw,
        "updateTime": 0,
    }


def futures_account_v2(call: Call) -> Object:
    """Answer the futures account, older version: with flags."""
    return {**_futures_flags(_account(call).futures), **futures_account(call)}


def futures_account(_call: Call) -> Object:
    """Answer the futures account, current version: without flags."""
    return {
        "totalInitialMargin": ZERO,
        "totalMaintMargin": ZERO,
        "totalWalletBalance": BALANCE,
        "totalUnrealizedProfit": ZERO,
        "totalMarginBalance": BALANCE,
        "totalPositionInitialMargin": ZERO,
        "totalOpenOrderInitialMargin": ZERO,
        "totalCrossWalletBalance": BALANCE,
        "totalCrossUnPnl": ZERO,
        "availableBalance": BALANCE,
        "maxWithdrawAmount": BALANCE,
        "assets": (_futures_asset(),),
        "positions": (),
    }


def _futures_asset() -> Object:
    return {
        "asset": "USDT",
        "walletBalance": BALANCE,
        "unrealizedProfit": ZERO,
        "marginBalance": BALANCE,
        "maintMargin": ZERO,
        "initialMargin": ZERO,
        "positionInitialMargin": ZERO,
        "openOrderInitialMargin": ZERO,
        "crossWalletBalance": BALANCE,
        "crossUnPnl": ZERO,
        "availableBalance": BALANCE,
        "maxWithdrawAmount": BALANCE,
        "updateTime": UPDATED_MS,
    }


def futures_balance(_call: Call) -> Sequence[Object]:
    """Answer the futures balances."""
    return (
        {
            "accountAlias": "SgsR",
            "asset": "USDT",
            "balance": BALANCE,
            "crossWalletBalance": BALANCE,
            "crossUnPnl": ZERO,
            "availableBalance": BALANCE,
            "maxWithdrawAmount": BALANCE,
            "marginAvailable": True,
            "updateTime": UPDATED_MS,
        },
    )


def futures_test_order(call: Call) -> Object:
    """Answer a test order with the order that it would have been."""
    order = call.parameters
    return {
        "orderId": 0,
        "symbol": order["symbol"],
        "status": "NEW",
        "clientOrderId": order.get("newClientOrderId", "sonde-lab-test-order"),
        "price": order.get("price", ZERO),
        "avgPrice": "0.00",
        "origQty": order.get("quantity", ZERO),
        "executedQty": ZERO,
        "cumQty": ZERO,
        "cumQuote": ZERO,
        "timeInForce": order.get("timeInForce", "GTC"),
        "type": order["type"],
        "origType": order["type"],
        "reduceOnly": order.get("reduceOnly", "false") == "true",
        "closePosition": False,
        "side": order["side"],
        "positionSide": order.get("positionSide", "BOTH"),
        "stopPrice": ZERO,
        "workingType": "CONTRACT_PRICE",
        "priceProtect": False,
        "priceMatch": "NONE",
        "selfTradePreventionMode": "NONE",
        "goodTillDate": 0,
        "updateTime": call.now_ms,
    }
