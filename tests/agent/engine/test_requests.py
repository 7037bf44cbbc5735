"""What an engine sends is bounded, freed of secrets, and refused where it makes no sense."""

import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from sonde.engine.v1.order_pb2 import OrderFacts
from sonde.engine.v1.report_pb2 import EndpointWeight, FailureReport, HealthReport
from sonde_agent.engine.requests import clean_failure, clean_health
from sonde_core.errors import RequestInvalidError

WHOLE_HEALTH = HealthReport(
    engine="grid-1.eu",
    version="3.1",
    time=Timestamp(seconds=1_893_456_000, nanos=1_000),
    uptime=Duration(seconds=60),
    weights=[EndpointWeight(endpoint="usdm", weight=420)],
    last_order_time=Timestamp(seconds=1_893_455_000),
    heartbeat_interval=Duration(seconds=10),
)
WHOLE_FAILURE = FailureReport(
    engine="grid",
    account="main",
    time=Timestamp(seconds=1_893_456_000),
    text="refused, request ip: 203.0.113.7",
    exception="ccxt.base.errors.InvalidNonce",
    code=-1021,
    message="Timestamp for this request is outside of the recvWindow.",
    http_status=400,
    retry_after=Duration(seconds=3),
    surface="usdm",
    order=OrderFacts(symbol="BTCUSDT", quantity="0.5", reduce_only=False),
)


def test_what_makes_sense_stays_as_it_is() -> None:
    assert clean_health(WHOLE_HEALTH) == WHOLE_HEALTH
    assert clean_failure(WHOLE_FAILURE) == WHOLE_FAILURE
    assert clean_health(HealthReport()) == HealthReport()
    assert clean_failure(FailureReport()) == FailureReport()


def test_secrets_are_taken_out_of_every_text() -> None:
    secret = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
    signed = FailureReport(text=f"https://x/?timestamp=1&signature={'ab' * 32}")
    failure = clean_failure(
        FailureReport(
            account=secret,
            text=secret,
            exception=secret,
            message=secret,
            surface=secret,
            order=OrderFacts(symbol=secret),
        )
    )
    health = clean_health(HealthReport(version=secret, engine=secret))

    assert secret.encode() not in failure.SerializeToString() + health.SerializeToString()
    assert "abab" not in clean_failure(signed).text


def test_no_part_of_a_secret_is_left_where_a_text_is_cut() -> None:
    secret = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
    texts = {most: "word " * ((most - 30) // 5) + secret for most in (500, 4_000)}
    failure = clean_failure(FailureReport(text=texts[4_000], message=texts[500]))
    health = clean_health(HealthReport(version=texts[500]))

    assert {failure.text[-8:], failure.message[-8:], health.version[-8:]} == {"word ***"}


def test_texts_are_cut() -> None:
    long = "long text " * 1_000
    failure = clean_failure(
        FailureReport(text=long, exception=long, message=long, order=OrderFacts(side=long))
    )

    assert len(failure.text) == 4_000
    assert {len(failure.exception), len(failure.message), len(failure.order.side)} == {500}
    assert len(clean_health(HealthReport(version=long)).version) == 500


def test_what_is_newer_than_this_agent_is_left_out() -> None:
    newer = FailureReport.FromString(WHOLE_FAILURE.SerializeToString() + b"\xfa\x3f\x03new")

    assert clean_failure(newer).SerializeToString() == WHOLE_FAILURE.SerializeToString()


@pytest.mark.parametrize(
    ("report", "field"),
    [
        (HealthReport(engine="a b"), "health.engine"),
        (HealthReport(engine="a" * 65), "health.engine"),
        (HealthReport(weights=[EndpointWeight()] * 17), "health.weights"),
        (HealthReport(time=Timestamp(seconds=10**17)), "health.time"),
        (HealthReport(last_order_time=Timestamp(seconds=-(10**17))), "health.last_order_time"),
        (HealthReport(uptime=Duration(seconds=-1)), "health.uptime"),
        (HealthReport(heartbeat_interval=Duration(nanos=1)), "health.heartbeat_interval"),
        (HealthReport(heartbeat_interval=Duration(seconds=10**17)), "health.heartbeat_interval"),
    ],
)
def test_health_that_makes_no_sense_is_refused_by_field(report: HealthReport, field: str) -> None:
    with pytest.raises(RequestInvalidError, match=f"^{field}:"):
        clean_health(report)


@pytest.mark.parametrize(
    ("report", "field"),
    [
        (FailureReport(engine="\n"), "failure.engine"),
        (FailureReport(account="/"), "failure.account"),
        (FailureReport(time=Timestamp(seconds=10**17)), "failure.time"),
        (FailureReport(retry_after=Duration(seconds=-5)), "failure.retry_after"),
    ],
)
def test_a_failure_that_makes_no_sense_is_refused_by_field(
    report: FailureReport, field: str
) -> None:
    with pytest.raises(RequestInvalidError, match=f"^{field}:"):
        clean_failure(report)
