"""Answers of the exchange, and of whoever stands in its place."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sonde_agent.probes.exchange import answers
from sonde_agent.probes.http import Fetched
from sonde_core.readings import (
    AccountStatus,
    Answer,
    BodyForm,
    Failure,
    FailureReason,
    KeyPermissions,
    Kind,
    TradingFlags,
)

MS = timedelta(milliseconds=1)


def fetched(body: bytes | str, status: int = 200, **headers: str) -> Fetched:
    return Fetched(
        status=status,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        body=body.encode() if isinstance(body, str) else body,
        sent=2 * MS,
        answered=10 * MS,
        read=11 * MS,
    )


def refused(code: int, msg: str, status: int = 400) -> Answer:
    body = json.dumps({"code": code, "msg": msg})
    answer = answers.read(fetched(body, status), Kind.FUTURES_ACCOUNT)
    assert isinstance(answer, Answer)
    return answer


def test_a_refusal_is_its_status_its_code_and_its_text() -> None:
    answer = refused(-1022, "Signature for this request is not valid.")

    assert (answer.status, answer.code) == (400, -1022)
    assert answer.message == "Signature for this request is not valid."
    assert answer.body is BodyForm.JSON
    assert answer.latency == 9 * MS
    assert not answer.ok


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (
            "Invalid API-key, IP, or permissions for action, request ip: 203.0.113.9",
            "203.0.113.9",
        ),
        ("Too many requests; current limit of IP(203.0.113.9) is 2400 requests", "203.0.113.9"),
        ("Way too many requests; IP(2001:db8::9) banned until 1700000000000.", "2001:db8::9"),
        ("Invalid API-key, IP, or permissions for action.", None),
        ("request ip: 999.1.1.1", None),
        ("request ip: ::::", None),
    ],
)
def test_the_address_that_the_exchange_saw_is_read(text: str, address: str | None) -> None:
    assert refused(-2015, text).request_ip == (ip_address(address) if address else None)


def test_the_end_of_a_ban_and_the_headers_are_read() -> None:
    body = '{"code":-1003,"msg":"Way too many requests; IP(1.2.3.4) banned until 1700000000000."}'

    answer = answers.read(
        fetched(body, 418, retry_after="120", x_mbx_used_weight_1m="2401"), Kind.PUBLIC_CALL
    )

    assert isinstance(answer, Answer)
    assert answer.banned_until == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert answer.retry_after == timedelta(minutes=2)
    assert answer.used_weight == 2401


@pytest.mark.parametrize("header", ["", "-1", "soon", "1" * 30, "١٢"])
def test_a_header_that_is_no_count_is_ignored(header: str) -> None:
    answer = answers.read(
        fetched("{}", 429, retry_after=header, x_mbx_used_weight_1m=header), Kind.PUBLIC_CALL
    )

    assert isinstance(answer, Answer)
    assert (answer.retry_after, answer.used_weight) == (None, None)


def test_permissions_are_whatever_the_exchange_calls_a_permission() -> None:
    body = {
        "ipRestrict": True,
        "createTime": 1_700_000_000_000,
        "enableReading": True,
        "enableFutures": False,
        "permitsUniversalTransfer": False,
        "enableSomethingNew": True,
        "enableNonsense": "yes",
        "other": True,
        "tradingAuthorityExpirationTime": 1_800_000_000_000,
    }

    answer = answers.read(fetched(json.dumps(body)), Kind.API_RESTRICTIONS)

    assert isinstance(answer, Answer)
    assert answer.facts == KeyPermissions(
        ip_restricted=True,
        granted=frozenset({"enableReading", "enableSomethingNew"}),
        withheld=frozenset({"enableFutures", "permitsUniversalTransfer"}),
        created=datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC),
        trading_expires=datetime(2027, 1, 15, 8, 0, tzinfo=UTC),
    )


def test_of_an_account_only_flags_leave_the_body() -> None:
    body = '{"canTrade":false,"balances":[{"asset":"BTC","free":"417.5"}],"uid":123456789}'

    answer = answers.read(fetched(body), Kind.SPOT_ACCOUNT)

    assert isinstance(answer, Answer)
    assert answer.facts == TradingFlags(can_trade=False)
    assert "417.5" not in repr(answer)
    assert "123456789" not in repr(answer)


def test_an_account_status_is_one_word() -> None:
    answer = answers.read(fetched('{"data":"Normal"}'), Kind.ACCOUNT_STATUS)

    assert isinstance(answer, Answer)
    assert answer.facts == AccountStatus("Normal")


@pytest.mark.parametrize(
    ("response", "said"),
    [
        pytest.param(fetched("<html>sign in</html>"), "html came where JSON is due", id="portal"),
        pytest.param(fetched(""), "empty came where JSON is due", id="nothing"),
        pytest.param(fetched("[" * 100_000), "text came where JSON is due", id="deep nesting"),
        pytest.param(fetched('{"serverTime":NaN}'), "text came where JSON is due", id="NaN"),
        pytest.param(fetched('{"serverTime":1e999}'), "lacks what it must have", id="absurd"),
        pytest.param(fetched('{"serverTime":1}'), "no instant", id="not in milliseconds"),
        pytest.param(fetched("{}"), "lacks what it must have", id="no time"),
        pytest.param(fetched("[]"), "lacks what it must have", id="list"),
        pytest.param(fetched("", 302), "HTTP 302 came", id="redirect"),
        pytest.param(fetched("{}", 204), "HTTP 204 came", id="other success"),
    ],
)
def test_what_cannot_be_the_exchanges_is_a_failure(response: Fetched, said: str) -> None:
    failure = answers.read(response, Kind.PUBLIC_CALL)

    assert isinstance(failure, Failure)
    assert failure.reason is FailureReason.ANSWER
    assert said in failure.detail


@pytest.mark.parametrize(
    ("body", "form", "message"),
    [
        ("Service Unavailable.", BodyForm.TEXT, "Service Unavailable."),
        ("upstream connect error, secret of the proxy", BodyForm.TEXT, ""),
        ("<HTML>403</HTML>", BodyForm.HTML, ""),
        ("", BodyForm.EMPTY, ""),
    ],
)
def test_of_a_body_that_is_no_json_only_documented_texts_are_kept(
    body: str, form: BodyForm, message: str
) -> None:
    answer = answers.read(fetched(body, 503), Kind.PUBLIC_CALL)

    assert isinstance(answer, Answer)
    assert (answer.body, answer.message, answer.code) == (form, message, None)


def test_a_text_is_bounded_and_echoes_no_key() -> None:
    key = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"

    assert len(refused(-1, "a " * 10_000).message) <= 500
    assert key not in refused(-1, f"unknown key {key}").message
    assert key[:8] not in refused(-1, "a " * 240 + key).message


def test_of_two_equal_names_the_last_counts() -> None:
    answer = answers.read(fetched('{"code":-1,"msg":"a","code":-2}', 400), Kind.SPOT_ACCOUNT)

    assert isinstance(answer, Answer)
    assert answer.code == -2


texts = st.text('ab1.-"\\é中\0', max_size=8)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=10,
)
fields = st.sampled_from(
    ["code", "msg", "data", "serverTime", "canTrade", "ipRestrict", "createTime", "enableReading"]
)


@settings(deadline=None, derandomize=True)
@given(
    body=st.binary(max_size=200)
    | st.dictionaries(fields, json_values).map(lambda value: json.dumps(value).encode()),
    status=st.sampled_from([200, 204, 301, 400, 401, 403, 418, 429, 451, 500, 503]),
    kind=st.sampled_from(sorted(answers._FACTS)),
)
def test_no_answer_breaks_the_reader(body: bytes, status: int, kind: Kind) -> None:
    value = answers.read(fetched(body, status), kind)

    assert isinstance(value, Answer | Failure)
    text = value.message if isinstance(value, Answer) else value.detail
    assert len(text) <= 500


def test_counted_orders_are_read_by_span_the_shortest_first() -> None:
    counts = answers.order_counts(
        fetched(
            "{}",
            x_mbx_order_count_1d="160000",
            x_mbx_order_count_1m="12",
            x_mbx_order_count_10s="3",
            x_mbx_order_count_2h="0",
        )
    )

    assert list(counts.items()) == [
        (timedelta(seconds=10), 3),
        (timedelta(minutes=1), 12),
        (timedelta(hours=2), 0),
        (timedelta(days=1), 160_000),
    ]


def test_headers_that_count_no_orders_are_left_out() -> None:
    nonsense = fetched(
        "{}",
        x_mbx_order_count_10s="3, 4",
        x_mbx_order_count_1m="-1",
        x_mbx_order_count_1d="٣",
        x_mbx_order_count_9999s="1",
        x_mbx_order_count_1w="1",
        x_mbx_used_weight_1m="7",
    )
    headers = {f"x-mbx-order-count-{each}s": "1" for each in range(1, 100)}
    many = replace(fetched("{}"), headers=headers)

    assert answers.order_counts(nonsense) == {}
    assert len(answers.order_counts(many)) == 8
