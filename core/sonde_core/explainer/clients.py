"""Knows the exception classes of client libraries, which say what a lost text was about.

They are read only where the exchange's own words are missing: ccxt names a class by its own tables,
and several causes share one class.
"""

from sonde_core.explainer.signs import Table, phrases
from sonde_core.findings import Confidence

CONFIRMED, LIKELY, POSSIBLE = Confidence.CONFIRMED, Confidence.LIKELY, Confidence.POSSIBLE

CLIENTS = Table(
    # Clients say these themselves, before they ask anybody.
    phrases(
        "CREDENTIALS_MISSING", CONFIRMED,
        "requires \"apikey\"", "requires 'apikey'", "requires `apikey`", "requires \"secret\"",
        "requires 'secret'", "requires `secret`", "secret required for private endpoint",
        "key required for private endpoint", "you need to pass an api key and secret",
        "no credentials provided for private", "no api credentials provided",
        "api credentials are not set", "private api key is required", "both api key and secret",
        "noapicredentialserror", "requires \"privatekey\"",
    ),
    phrases(
        "CLOCK_SKEW", LIKELY, "invalidnonce", "invalid nonce", "invalid_timestamp",
        "bad_timestamp", also=("CLOCK_BEHIND", "CLOCK_AHEAD", "RECV_WINDOW_LATENCY"),
    ),
    phrases(
        "KEY_INVALID", POSSIBLE,
        "*authenticationerror", "*unauthorizederror", "authentication failed",
        "*authenticationexception", "*unauthorizedexception", "not authenticated",
        also=("IP_NOT_WHITELISTED", "PERMISSION_MISSING", "WRONG_ENVIRONMENT", "SIGNATURE_INVALID"),
    ),
    phrases(
        "PERMISSION_MISSING", LIKELY, "permissiondenied", "permission denied",
        also=("IP_NOT_WHITELISTED", "KEY_INVALID", "ACCOUNT_RESTRICTED", "WRONG_ENVIRONMENT"),
    ),
    phrases("ACCOUNT_RESTRICTED", LIKELY, "accountsuspended", also=("PERMISSION_MISSING",)),
    phrases(
        "IP_BANNED", LIKELY, "ratelimitbanerror", also=("RATE_LIMIT_WEIGHT", "WAF_BLOCKED"),
    ),
    phrases(
        "RATE_LIMIT_WEIGHT", LIKELY, "ddosprotection", "*ratelimitexceeded", "*toomanyrequests",
        "*ratelimiterror", also=("IP_BANNED", "ORDER_RATE_LIMIT", "WAF_BLOCKED", "KEY_INVALID"),
    ),
    phrases(
        "INSUFFICIENT_BALANCE", LIKELY, "*insufficientfunds", "*insufficientbalance",
        also=("MARGIN_INSUFFICIENT",),
    ),
    phrases(
        "WOULD_IMMEDIATELY_TRIGGER", LIKELY, "orderimmediatelyfillable", also=("OTHER",),
    ),
    phrases(
        "ORDER_NOT_FOUND", LIKELY, "ordernotfound", "ordernotcached", also=("UNKNOWN_EXECUTION",)
    ),
    phrases("DUPLICATE_ORDER", LIKELY, "duplicateorderid"),
    phrases(
        "SYMBOL_INVALID", LIKELY, "badsymbol", "marketclosed",
        also=("WRONG_ENVIRONMENT", "EXCHANGE_UNAVAILABLE", "OTHER"),
    ),
    phrases(
        "EXCHANGE_UNAVAILABLE", LIKELY, "onmaintenance", "exchangenotavailable",
        also=("NETWORK_CONNECTION", "GEO_RESTRICTED", "NETWORK_DNS", "NETWORK_TIMEOUT"),
    ),
    phrases(
        "FILTER_VIOLATION", POSSIBLE, "invalidorder",
        also=("PARAMETER_INVALID", "REDUCE_ONLY_REJECTED", "WOULD_IMMEDIATELY_TRIGGER"),
    ),
    phrases(
        "PARAMETER_INVALID", LIKELY, "argumentsrequired", "requires a symbol argument",
        also=("OTHER", "SYMBOL_INVALID"),
    ),
    phrases(
        "WRONG_ENVIRONMENT", LIKELY, "does not have a testnet", "does not have a sandbox",
        also=("OTHER", "PERMISSION_MISSING", "CREDENTIALS_MISSING"),
    ),
    phrases(
        "PARAMETER_INVALID", POSSIBLE, "badrequest",
        also=("FILTER_VIOLATION", "SYMBOL_INVALID", "POSITION_MODE_MISMATCH"),
    ),
    phrases(
        "POSITION_MODE_MISMATCH", POSSIBLE, "operationrejected",
        also=("LEVERAGE_OR_MARGIN_MODE", "MARGIN_INSUFFICIENT", "ACCOUNT_RESTRICTED"),
    ),
)  # fmt: skip
