from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from sonde_lab.exchange import serve_exchange
from sonde_lab.world import Answer, Fault, World
from tests.lab.certificates import DAY, certify, shown, trusted


async def test_an_exchange_speaks_https_with_the_certificate_it_is_given(tmp_path: Path) -> None:
    certificate = certify(tmp_path)
    async with (
        serve_exchange(World(), tls=shown(certificate)) as exchange,
        httpx.AsyncClient(verify=trusted(certificate), trust_env=False) as http,
    ):
        response = await http.get(f"{exchange.url}/fapi/v1/ping")

    assert exchange.url.startswith("https://127.0.0.1:")
    assert (response.status_code, response.text) == (200, "{}")


@pytest.mark.parametrize(
    ("name", "age", "complaint"),
    [
        pytest.param("elsewhere.example", DAY, "IP address mismatch", id="another name"),
        pytest.param("192.0.2.1", DAY, "IP address mismatch", id="another address"),
        pytest.param("127.0.0.1", 31 * DAY, "certificate has expired", id="expired"),
        pytest.param("127.0.0.1", -DAY, "certificate is not yet valid", id="not yet valid"),
    ],
)
async def test_a_certificate_may_be_wrong(
    tmp_path: Path, name: str, age: timedelta, complaint: str
) -> None:
    certificate = certify(tmp_path, name=name, age=age)
    async with (
        serve_exchange(World(), tls=shown(certificate)) as exchange,
        httpx.AsyncClient(verify=trusted(certificate), trust_env=False) as http,
    ):
        with pytest.raises(httpx.ConnectError, match=complaint):
            await http.get(f"{exchange.url}/fapi/v1/ping")

    assert exchange.requests == ()


@pytest.mark.parametrize("answer", [Answer.CUT_SHORT, Answer.NO_ANSWER, Answer.OVERLONG])
async def test_connections_break_under_tls_too(tmp_path: Path, answer: Answer) -> None:
    certificate = certify(tmp_path)
    world = World(faults=(Fault(answer=answer),))
    async with (
        serve_exchange(world, tls=shown(certificate)) as exchange,
        httpx.AsyncClient(verify=trusted(certificate), trust_env=False) as http,
    ):
        with pytest.raises((httpx.RemoteProtocolError, ValueError)):
            (await http.get(f"{exchange.url}/fapi/v1/time")).json()
