"""Knows how people describe a refusal in their own words, in English and Chinese.

Nothing here is ever confirmed: it is what somebody says that the exchange said. Rows are in the
order of how much they say; the first that fits decides, the others become alternatives.

To add a description, put its words into one row, in the form that `signs.Phrases` describes.
"""

from sonde_core.explainer.signs import Table, phrases
from sonde_core.findings import Confidence

LIKELY, POSSIBLE = Confidence.LIKELY, Confidence.POSSIBLE
KEY_TROUBLE = (
    "IP_NOT_WHITELISTED",
    "KEY_INVALID",
    "PERMISSION_MISSING",
    "WRONG_ENVIRONMENT",
    "KEY_OLDER_THAN_FUTURES",
)


def _key_trouble(chosen: str) -> tuple[str, ...]:
    """Return what else the one text for all troubles with keys stands for."""
    return tuple(cause for cause in KEY_TROUBLE if cause != chosen)


INFORMAL = Table(
    phrases(
        "IP_BANNED", LIKELY,
        "ip…banned", "ip ban", "ip-ban", "banned until", "banned my ip", "banned…ip", "ip…被封",
        "ip…封禁", "封…ip", "ip…禁止访问", "被ban", "temporarily banned", "i'm a teapot",
        "im a teapot", "got banned", "been banned", "getting banned", "auto-ban", "auto ban",
        "ip…blacklist", "ip…拉黑", "ip…黑名单", "ip…block",
        also=("RATE_LIMIT_WEIGHT", "WAF_BLOCKED", "KEY_INVALID", "IP_NOT_WHITELISTED"),
    ),
    phrases(
        "ORDER_RATE_LIMIT", LIKELY,
        "too many new orders", "too many orders", "order rate limit", "order limit…second",
        "orders per 10 second", "orders per minute", "orders per day", "下单过于频繁", "下单频率",
        "下单…限频", "下单…限制", "订单…频率", "下单太快", "委托…频繁", "新订单过多", "订单过多",
        also=("RATE_LIMIT_WEIGHT",),
    ),
    phrases(
        "RATE_LIMIT_WEIGHT", LIKELY,
        "too many requests", "too much request weight", "request weight", "rate limit",
        "rate-limit", "ratelimit", "api limit", "requests per minute", "throttl", "请求过于频繁",
        "请求频率", "请求过多", "请求太频繁", "限流", "限频", "频率限制", "访问过于频繁",
        "权重…超", "权重…上限", "访问频率", "频率过高",
        also=("IP_BANNED", "ORDER_RATE_LIMIT", "WAF_BLOCKED"),
    ),
    phrases(
        "CLOCK_AHEAD", LIKELY,
        "ahead of the server", "ahead of server", "clock is ahead", "time is ahead", "clock…ahead",
        "ahead of binance", "时间…超前", "时钟…快", "时间…快了", "超前…服务器", "早于服务器",
        "快于服务器", "比服务器…快", "timestamp…in the future", "领先服务器", "领先于服务器",
        "提前…毫秒",
        also=("CLOCK_SKEW", "CLOCK_UNSYNCHRONIZED", "CLOCK_STEPPED"),
    ),
    phrases(
        "CLOCK_BEHIND", LIKELY,
        "recvwindow", "recv_window", "recv window", "receive window", "behind the server",
        "clock is behind", "time is behind", "时间窗口", "接收窗口", "时间…慢了", "时钟…慢",
        "落后…服务器", "比服务器…慢", "timestamp…expired", "timestamp…too old", "request…expired",
        "超出…窗口",
        also=("CLOCK_SKEW", "RECV_WINDOW_LATENCY", "CLOCK_UNSYNCHRONIZED"),
    ),
    phrases(
        "CLOCK_SKEW", LIKELY,
        "timestamp for this request", "clock skew", "clocks skew", "clock…skew", "clock drift",
        "time drift", "out of sync", "time sync", "time synchroni", "synchronize…clock",
        "sync…clock", "sync…time", "system time", "server time", "invalid timestamp",
        "timestamp…invalid", "wrong timestamp", "timestamp error", "time difference", "时间戳",
        "时间不同步", "时间不一致", "时间同步", "时钟", "时间不对", "对时", "nonce", "系统时间",
        "本地时间", "时差",
        also=("CLOCK_BEHIND", "CLOCK_AHEAD", "RECV_WINDOW_LATENCY", "CLOCK_UNSYNCHRONIZED"),
    ),
    phrases(
        "SIGNATURE_INVALID", LIKELY,
        "signature", "签名", "簽名", "wrong secret", "secret…invalid", "secret key…wrong",
        "secret…incorrect", "hmac",
        also=("KEY_INVALID", "WRONG_ENVIRONMENT", "PARAMETER_INVALID", "PERMISSION_MISSING"),
    ),
    phrases(
        "IP_NOT_WHITELISTED", POSSIBLE,
        "invalid api-key, ip", "invalid api key, ip", "ip, or permissions", "ip or permission",
        "invalid key, ip", "密钥、ip", "密钥,ip", "api密钥…ip…权限", "key…ip…权限",
        also=_key_trouble("IP_NOT_WHITELISTED"),
    ),
    phrases(
        "IP_NOT_WHITELISTED", LIKELY,
        "whitelist", "white list", "white-list", "allowlist", "trusted ip", "ip restrict",
        "restrict…ip", "ip…not allowed", "ip…not in", "ip…not authorized", "invalid ip",
        "ip not trusted", "unauthorized ip", "ip address…not", "白名单", "ip限制", "ip 限制",
        "ip不在", "ip…不匹配", "ip…不一致", "ip…未绑定", "ip…绑定", "ip…未授权", "ip…不允许",
        "信任ip", "受信任", "ip无效", "ip 无效",
        also=_key_trouble("IP_NOT_WHITELISTED"),
    ),
    phrases(
        "KEY_OLDER_THAN_FUTURES", LIKELY,
        "key…before…futures", "created before…futures", "old…api key…futures", "开通合约…之前",
        "先…创建…密钥…合约", "合约…之前创建", "开通合约前",
        also=_key_trouble("KEY_OLDER_THAN_FUTURES"),
    ),
    phrases(
        "PERMISSION_MISSING", LIKELY,
        "permission", "not authorized to execute", "not authorized", "not enabled for",
        "enable futures", "enable trading", "enable spot", "enable margin",
        "trading is not enabled", "no operation privilege", "privilege", "权限", "無權", "无权",
        "未授权", "没有授权", "未开通合约", "未启用", "不允许交易", "read-only", "read only key",
        "insufficient scope",
        also=("IP_NOT_WHITELISTED", "KEY_INVALID", "WRONG_ENVIRONMENT", "ACCOUNT_RESTRICTED"),
    ),
    phrases(
        "WRONG_ENVIRONMENT", LIKELY,
        "testnet key", "testnet…key", "key…testnet", "testnet…mainnet", "mainnet…testnet",
        "wrong endpoint", "测试网…密钥", "密钥…测试网", "demo…key…live", "测试网",
        also=_key_trouble("WRONG_ENVIRONMENT"),
    ),
    phrases(
        "KEY_INVALID", LIKELY,
        "api-key format", "api key format", "invalid api key", "invalid api-key", "invalid apikey",
        "api key invalid", "api-key invalid", "apikey…invalid", "api key…not valid",
        "api key…invalid", "api key does not exist", "api-key…not exist", "api key…deleted",
        "api key…expired", "api-key…expired", "invalid key", "incorrect api key", "wrong api key",
        "bad api key", "api key…incorrect", "api key not found", "密钥无效", "密钥…无效",
        "key无效", "key 无效", "密钥错误", "api key 错误", "apikey错误", "无效的api", "无效api",
        "密钥不存在", "密钥…删除", "密钥…过期", "密钥格式", "密钥不正确", "api…过期", "api…失效",
        "invalid credentials",
        also=("IP_NOT_WHITELISTED", "PERMISSION_MISSING", "WRONG_ENVIRONMENT", "SIGNATURE_INVALID"),
    ),
    phrases(
        "CREDENTIALS_MISSING", LIKELY,
        "requires \"apikey\"", "requires \"secret\"", "requires `apikey`", "apikey required",
        "api key required", "api-key required", "missing api key", "no api key", "api key…missing",
        "api key is not set", "api key not set", "api_key…not set", "api key…empty",
        "credential…required", "未配置…密钥", "缺少…密钥", "没有配置…api", "未设置…密钥",
        "api key cannot be empty",
        also=("KEY_INVALID", "PERMISSION_MISSING"),
    ),
    phrases(
        "ACCOUNT_RESTRICTED", LIKELY,
        "action is disabled", "action disabled", "disabled on this account", "risk management",
        "account…restricted", "account…suspended", "account…frozen", "account…disabled",
        "account…locked", "account…inactive", "cooling-off", "cooling off", "may not place",
        "trading…disabled", "风控", "账户…限制", "账号…限制", "账户…冻结", "账号…冻结",
        "账户…禁用", "冷静期", "账户…异常", "不支持该地区", "account has been",
        "account is not allowed", "kyc", "账户被", "account…blocked", "cannot trade",
        "not allowed to trade", "restricted account",
        also=("PERMISSION_MISSING", "GEO_RESTRICTED", "EXCHANGE_UNAVAILABLE", "OTHER"),
    ),
    phrases(
        "GEO_RESTRICTED", LIKELY,
        "restricted location", "your location", "your country", "your region", "us ip",
        "from the us", "blocked country", "地区", "所在国家",
        also=("ACCOUNT_RESTRICTED", "WAF_BLOCKED", "NETWORK_CONNECTION"),
    ),
    phrases(
        "UNKNOWN_EXECUTION", LIKELY,
        "execution status unknown", "status unknown", "send status unknown", "unknown…execution",
        "执行状态未知", "状态未知", "订单状态不明", "order…may have been", "response from backend",
        also=("EXCHANGE_UNAVAILABLE", "NETWORK_TIMEOUT", "EXCHANGE_OVERLOAD"),
    ),
    phrases(
        "EXCHANGE_OVERLOAD", LIKELY,
        "overloaded", "system-level protection", "server is busy", "overload", "过载", "负载过高",
        "请求过载", also=("EXCHANGE_UNAVAILABLE", "UNKNOWN_EXECUTION", "RATE_LIMIT_WEIGHT"),
    ),
    phrases(
        "WOULD_IMMEDIATELY_TRIGGER", LIKELY,
        "immediately trigger", "trigger immediately", "triggered immediately", "立即触发",
        "马上触发", "会立刻触发", "立刻触发", "would trigger", "immediately match", "立即成交",
        also=("OTHER", "FILTER_VIOLATION"),
    ),
    phrases(
        "MARGIN_INSUFFICIENT", LIKELY,
        "margin is insufficient", "insufficient margin", "not enough margin",
        "margin…insufficient", "no enough margin", "保证金不足", "保证金不够", "可用保证金",
        "保證金不足", "margin not sufficient",
        "margin balance…insufficient", also=("INSUFFICIENT_BALANCE", "LEVERAGE_OR_MARGIN_MODE"),
    ),
    phrases(
        "INSUFFICIENT_BALANCE", LIKELY,
        "insufficient balance", "insufficient fund", "not enough balance", "not enough fund",
        "balance…insufficient", "balance is not enough", "balance not enough", "余额不足",
        "余额不够", "資金不足", "资金不足", "餘額不足", "not enough free", "insufficient asset",
        "可用余额", "low balance", "not enough money", "insufficient wallet", "not have enough",
        also=("MARGIN_INSUFFICIENT",),
    ),
    phrases(
        "FILTER_VIOLATION", LIKELY,
        "filter failure", "lot_size", "lot size", "min_notional", "min notional",
        "minimum notional", "price_filter", "percent_price", "notional must be",
        "order's notional", "min notional", "minnotional", "step size", "stepsize", "tick size",
        "ticksize", "too much precision", "precision is over", "precision…over", "minimum order",
        "min order", "minimum amount", "min amount", "minimum quantity", "min qty", "minqty",
        "max_num", "max_position", "order size too small", "amount too small",
        "quantity less than", "quantity greater than", "price less than", "price greater than",
        "price not increased", "qty not increased", "quantity less", "must be no smaller",
        "below the minimum", "maximum quantity", "最小名义", "名义价值", "最小下单", "最小数量",
        "最小交易", "最小金额", "精度", "步长", "最小订单", "价格过滤", "下单数量", "下单金额",
        "数量过小", "金额过小", "价格偏离", "最小变动", "greater than min", "trailing_delta",
        "iceberg_parts", "order value…minimum", "notional",
        also=("PARAMETER_INVALID", "INSUFFICIENT_BALANCE", "SYMBOL_INVALID"),
    ),
    phrases(
        "POSITION_MODE_MISMATCH", LIKELY,
        "position side", "positionside", "hedge mode", "one-way mode", "position mode",
        "dual side", "dualside", "双向持仓", "单向持仓", "持仓模式", "持仓方向", "仓位模式",
        "position_side",
        also=("LEVERAGE_OR_MARGIN_MODE", "REDUCE_ONLY_REJECTED", "PARAMETER_INVALID"),
    ),
    phrases(
        "REDUCE_ONLY_REJECTED", LIKELY,
        "reduceonly", "reduce-only", "reduce only", "只减仓", "仅减仓", "reduce_only",
        also=("POSITION_MODE_MISMATCH", "ORDER_NOT_FOUND", "ACCOUNT_RESTRICTED"),
    ),
    phrases(
        "LEVERAGE_OR_MARGIN_MODE", LIKELY,
        "margin type", "margintype", "margin mode", "leverage", "杠杆", "全仓", "逐仓",
        "保证金模式", "isolated", "保证金类型",
        also=("POSITION_MODE_MISMATCH", "MARGIN_INSUFFICIENT", "PARAMETER_INVALID"),
    ),
    phrases(
        "DUPLICATE_ORDER", LIKELY,
        "duplicate order", "clientorderid is duplicated", "duplicate…client", "duplicated",
        "clientorderid…duplicate", "重复下单", "订单重复", "重复的订单", "clientorderid重复",
        "重复订单",
        also=("UNKNOWN_EXECUTION", "PARAMETER_INVALID"),
    ),
    phrases(
        "ORDER_NOT_FOUND", LIKELY,
        "unknown order", "order does not exist", "order not found", "order not exist",
        "no such order", "order doesn't exist", "unknown_order", "order…does not exist",
        "could not find order", "订单不存在", "未知订单", "找不到订单", "委托不存在", "订单未找到",
        "could not cancel order",
        "order was not found", "order id…not found", also=("UNKNOWN_EXECUTION", "DUPLICATE_ORDER"),
    ),
    phrases(
        "SYMBOL_INVALID", LIKELY,
        "invalid symbol", "symbol…not found", "symbol…does not exist",
        "does not have market symbol", "unknown symbol", "symbol not supported",
        "symbol is closed", "market is closed", "symbol status", "not trading", "delisted",
        "invalid pair", "交易对无效", "无效的交易对", "交易对不存在", "交易对…不支持", "交易对",
        "无效的symbol", "市场已关闭", "市场关闭", "下架", "symbol…invalid", "symbol…not available",
        "pair…not available",
        also=("WRONG_ENVIRONMENT", "EXCHANGE_UNAVAILABLE", "PARAMETER_INVALID", "OTHER"),
    ),
    phrases(
        "EXCHANGE_UNAVAILABLE", LIKELY,
        "binance is down", "binance down", "exchange is down", "exchange not available",
        "internal error", "unknown error", "system abnormality", "maintenance",
        "temporarily unavailable", "try again later", "please try again", "系统异常", "内部错误",
        "稍后再试", "服务不可用", "暂时不可用", "未知错误", "not available", "backend", "维护",
        also=("EXCHANGE_OVERLOAD", "UNKNOWN_EXECUTION", "OTHER", "PARAMETER_INVALID"),
    ),
    phrases(
        "PARAMETER_INVALID", LIKELY,
        "illegal characters", "mandatory parameter", "parameter", "sent when not required",
        "must be less than", "must be either", "unread", "not all sent", "bad request",
        "malformed", "参数", "非法字符", "请求无效", "invalid interval", "invalid side",
        "timeinforce", "invalid order type", "invalid ordertype", "invalid listen", "listenkey",
        "listen key", "order type",
        also=("FILTER_VIOLATION", "SYMBOL_INVALID", "OTHER"),
    ),
    phrases(
        "KEY_INVALID", POSSIBLE,
        "check api key", "check your api key", "check api-key", "检查api", "检查 api", "检查密钥",
        also=("IP_NOT_WHITELISTED", "PERMISSION_MISSING", "NETWORK_CONNECTION", "CLOCK_SKEW"),
    ),
    phrases(
        "FOREIGN_USAGE", POSSIBLE,
        "other bot", "another bot", "other program", "其他程序", "其他工具", "别的程序",
        also=("RATE_LIMIT_WEIGHT", "IP_BANNED"),
    ),
)  # fmt: skip
