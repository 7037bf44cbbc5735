"""Real agent, service and command: the world changes between two diagnoses."""

import json
from datetime import datetime
from pathlib import Path

from sonde_lab.exchange import serve_exchange
from sonde_lab.host import Around, Setup
from sonde_lab.ntp import Source, serve_ntp
from sonde_lab.stage import ready, stage
from sonde_lab.world import Key, World
from tests.commands import Command

HERE, ELSEWHERE = "203.0.113.7", "198.51.100.7"
LISTED = (Key(ip_list=(HERE,)),)


async def test_support_reads_that_the_address_changed_before_the_key_was_refused(
    tmp_path: Path,
) -> None:
    async with (
        stage(tmp_path) as here,
        serve_exchange(World(seen_ip=HERE, keys=LISTED)) as exchange,
    ):
        source = await here.stack.enter_async_context(serve_ntp(Source()))
        around = Around(url=exchange.url, sources=[source.address])
        await here.set_up_service()
        agent = await here.set_up_host("sgp-01", Setup(), around)
        await ready([here.service, agent.address])
        sonde = Command("sonde", {"SONDE_SERVICE": here.service})
        await sonde("hosts", "add", "sgp-01", "--address", agent.address)

        healthy = await sonde("diagnose", "sgp-01")
        exchange.world = World(seen_ip=ELSEWHERE, keys=LISTED)
        refused = await sonde("diagnose", "sgp-01", "--json")
        again = await sonde("diagnose", "sgp-01", "--json")
        shown = await sonde("history", "sgp-01", "--tz", "Asia/Shanghai")
        told = await sonde("history", "sgp-01", "--json")

    assert healthy.code == 0, healthy
    assert (refused.code, again.code) == (3, 3)
    changes = [json.loads(line) for line in told.out.splitlines() if '"change"' in line]
    first, moved = changes
    assert moved["change"]["text"] == f"Outbound address changed from {HERE} to {ELSEWHERE}."
    assert first["change"]["values"]["code"] == -2015
    diagnosis = json.loads(refused.out)
    assert moved["diagnosis"] == first["diagnosis"] == diagnosis["diagnosis"]
    asked, at_first, at_move = (
        datetime.fromisoformat(line["time"]) for line in (diagnosis, first, moved)
    )
    assert asked <= at_move <= at_first
    assert "TIME (Asia/Shanghai)" in shown.out
    assert [line.split()[3] for line in shown.out.splitlines()[1:]] == [
        *("diagnosed", "changed", "changed", "diagnosed", "diagnosed"),
    ]
    supporting = [
        item["text"]
        for finding in json.loads(again.out)["findings"]
        if finding["cause"] == "IP_NOT_WHITELISTED"
        for item in finding["supporting"]
    ]
    assert any(HERE in text for text in supporting), supporting
