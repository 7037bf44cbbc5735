"""What stands in between and answers as no exchange does."""

import pytest

from sonde_agent.probes.exchange import answers
from sonde_core.readings import USDM, Failure, FailureReason, Kind
from tests.agent.exchange_host import Host, of
from tests.agent.servers import answer, serve_raw
from tests.agent.test_answers import fetched

SIGNATURE = "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"


@pytest.mark.parametrize("status", [100, 199, 201, 302, 399])
def test_no_status_below_400_but_200_is_a_refusal_by_the_exchange(status: int) -> None:
    answer = answers.read(fetched('{"code":-2015,"msg":"no"}', status), Kind.FUTURES_ACCOUNT)

    assert isinstance(answer, Failure)
    assert answer.reason is FailureReason.ANSWER


async def test_a_signature_that_comes_back_in_broken_http_is_not_repeated() -> None:
    broken = f"HTTP/1.1 200 OK\r\n/order?signature={SIGNATURE}\r\n\r\n".encode()
    async with serve_raw(broken) as server:
        readings = await Host(server.url, server.url).measure()

    [failure] = of(readings, Kind.PUBLIC_CALL, USDM)
    assert isinstance(failure, Failure)
    assert "illegal header line" in failure.detail
    assert SIGNATURE[:8] not in failure.detail


async def test_a_key_that_comes_back_as_an_encoding_is_not_repeated() -> None:
    packed = answer(b"{}", headers=f"Content-Encoding: {SIGNATURE}\r\n")
    async with serve_raw(packed) as server:
        readings = await Host(server.url, server.url).measure()

    [failure] = of(readings, Kind.PUBLIC_CALL, USDM)
    assert isinstance(failure, Failure)
    assert "packed ('***')" in failure.detail
