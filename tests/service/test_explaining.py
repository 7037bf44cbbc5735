"""What the service says about texts and causes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc.aio
import pytest

from sonde.engine.v1.advice_pb2 import AdviceAction
from sonde.engine.v1.confidence_pb2 import Confidence
from sonde.support.v1 import support_service_pb2 as pb
from sonde.support.v1.explanation_pb2 import Explanation
from sonde.support.v1.host_pb2 import Host
from sonde_core.answer import answer, to_json
from sonde_core.catalogue import CATALOGUE, Language
from sonde_core.explainer import explain
from sonde_core.order_numbers import numbers_of
from sonde_core.words import Words
from sonde_service.store.migrating import upgrade
from sonde_service.store.store import Store
from sonde_wire.errors import error_info
from sonde_wire.results import decode_items
from sonde_wire.times import from_duration, from_timestamp
from tests.service.kept import NOON
from tests.service.links import FakeLink
from tests.service.serving import serving

if TYPE_CHECKING:
    from sonde.support.v1.support_service_pb2_grpc import SupportServiceAsyncStub

BANNED_UNTIL_MS = int(NOON.timestamp()) * 1_000 + 91_000
TEXTS = {
    "banned": f"-1003 Way too many requests; IP(203.0.113.8) banned until {BANNED_UNTIL_MS}.",
    "an order": 'binanceusdm {"code":-4164,"msg":"Order\'s notional must be no smaller than 5 '
    '(unless you choose reduce only)."} BTCUSDT quantity 0.0012 price 3120',
    "a title of its own": '{"code":-5022,"msg":"Due to the order could not be executed as maker, '
    'the Post Only order will be rejected."}',
    "nothing": "hello",
    "a 429 with a pause": "HTTP 429 Too Many Requests\nRetry-After: 30\nhost: fapi.binance.com",
}


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[SupportServiceAsyncStub]:
    with Store(f"sqlite:///{tmp_path}/service.sqlite3") as store:
        upgrade(store)
        async with serving(store, FakeLink(), tmp_path) as stub:
            yield stub


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
async def test_the_service_says_what_the_command_says(
    service: SupportServiceAsyncStub, text: str, language: Language
) -> None:
    request = pb.ExplainFailureRequest(text=text, language=language.value)

    said = (await service.ExplainFailure(request)).explanation

    explanation, words = explain(text), Words(language)
    expected = to_json(answer(explanation, words, NOON, numbers_of(explanation, text)))
    assert _as_json(said, words) == expected


def _as_json(said: Explanation, words: Words) -> Mapping[str, Any]:
    """Return the line of JSON that the command would print."""
    facts, advice = said.facts, said.advice
    order = {field.name: value for field, value in facts.order.ListFields()}
    known = {
        "code": facts.code if facts.HasField("code") else None,
        "http_status": facts.http_status if facts.HasField("http_status") else None,
        "surface": facts.surface or None,
        "request_ip": facts.request_ip or None,
        "banned_until": from_timestamp(facts.banned_until).isoformat(timespec="milliseconds")
        if facts.HasField("banned_until")
        else None,
        "retry_after_s": from_duration(facts.retry_after).total_seconds()
        if facts.HasField("retry_after")
        else None,
        "limit": facts.limit or None,
        "symbol": facts.symbol or None,
        "filter": facts.filter or None,
        "order": order or None,
    }
    table: dict[str, Any] = {
        "cause": said.cause,
        "confidence": Confidence.Name(said.confidence).removeprefix("CONFIDENCE_").lower(),
        "alternatives": list(said.alternatives),
        "facts": {name: value for name, value in known.items() if value is not None},
        "title": said.title,
        "explanation": said.explanation,
        "remedy": list(said.remedy),
        "owner": said.owner,
        "advice": {
            "action": AdviceAction.Name(advice.action).removeprefix("ADVICE_ACTION_"),
            "after_s": from_duration(advice.after).total_seconds()
            if advice.HasField("after")
            else None,
            "safe_to_resend": advice.safe_to_resend,
        },
    }
    if said.supporting:
        table["supporting"] = [
            {"id": item.id, "values": dict(item.values), "text": words.sentence(item)}
            for item in decode_items(said.supporting)
        ]
    return dict(json.loads(json.dumps(table).replace(".000+00:00", "Z")))


async def test_a_ban_says_how_long_to_stay_away_in_whole_seconds(
    service: SupportServiceAsyncStub,
) -> None:
    said = (
        await service.ExplainFailure(pb.ExplainFailureRequest(text=TEXTS["banned"]))
    ).explanation

    assert said.cause == "IP_BANNED"
    assert said.advice.action == AdviceAction.ADVICE_ACTION_RETRY_AFTER
    assert said.advice.after.ToSeconds() == 91


async def test_the_numbers_of_an_order_speak_for_its_cause(
    service: SupportServiceAsyncStub,
) -> None:
    request = pb.ExplainFailureRequest(text=TEXTS["an order"])

    said = (await service.ExplainFailure(request)).explanation

    assert said.cause == "FILTER_VIOLATION"
    assert [item.id for item in said.supporting] != []


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        pytest.param(pb.ExplainFailureRequest(text="x" * 100_001), "text", id="too long"),
        pytest.param(pb.ExplainFailureRequest(language="fr"), "language", id="a third language"),
    ],
)
async def test_what_cannot_be_explained_names_the_field(
    service: SupportServiceAsyncStub, request_: pb.ExplainFailureRequest, field: str
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await service.ExplainFailure(request_)

    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    info = error_info(caught.value)
    assert info
    assert info.metadata["field"] == field


async def test_the_longest_text_is_explained(service: SupportServiceAsyncStub) -> None:
    request = pb.ExplainFailureRequest(text="错" * 100_000)

    assert (await service.ExplainFailure(request)).explanation.cause == "OTHER"


@pytest.mark.parametrize("language", Language)
async def test_every_cause_is_listed_as_the_catalogue_has_it(
    service: SupportServiceAsyncStub, language: Language
) -> None:
    listed = (await service.ListCauses(pb.ListCausesRequest(language=language.value))).causes

    assert [cause.cause for cause in listed] == list(CATALOGUE.causes)
    for cause in listed:
        known = CATALOGUE.causes[cause.cause]
        assert cause.section == (known.section.value if known.section else "")
        assert (cause.owner, cause.title) == (known.owner.value, known.text[language].title)
        assert cause.advice.safe_to_resend is known.advice.safe_to_resend
        assert list(cause.sources) == list(known.sources)


async def test_causes_in_a_third_language_are_refused(service: SupportServiceAsyncStub) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await service.ListCauses(pb.ListCausesRequest(language="fr"))

    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_host_is_asked_for_the_live_limits_of_the_orders_symbol(
    service: SupportServiceAsyncStub,
) -> None:
    for name in ("fine", "gone"):
        await service.CreateHost(pb.CreateHostRequest(host=Host(name=name)))
    text = (
        "code=-1111 Precision is over the maximum defined for this asset. ETHUSDT quantity 0.0125"
    )

    live, gone = [
        (await service.ExplainFailure(pb.ExplainFailureRequest(text=text, host=name))).explanation
        for name in ("fine", "gone")
    ]

    assert live.cause == gone.cause == "FILTER_VIOLATION"
    assert [item.id for item in live.supporting] == ["order_quantity_decimals"]
    [unread] = gone.missing
    assert not gone.supporting
    assert (unread.id, unread.values["why"].text) == ("symbol_rules_unread", "connection refused")


async def test_a_host_that_nobody_knows_is_an_error(service: SupportServiceAsyncStub) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await service.ExplainFailure(pb.ExplainFailureRequest(text="hello", host="nowhere"))

    assert caught.value.code() is grpc.StatusCode.NOT_FOUND
