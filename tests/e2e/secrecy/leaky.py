"""An agent that leaks, so that whoever searches can be searched."""

import os
import sys
from pathlib import Path
from typing import Any

import ntplib

from sonde.engine.v1 import engine_service_pb2 as pb
from sonde_agent import main
from sonde_agent.engine import requests
from sonde_agent.engine.server import EngineService
from sonde_agent.notify import Supervisor
from sonde_agent.probes import http, name_server


def leak(planted: str, home: Path) -> None:
    """Let words out by each way that there is, in this process."""
    sys.stderr.write(f"{planted}\n")
    (home / "state.json").write_text(planted, "utf-8")
    for word in planted.split():
        os.memfd_create(word)
    http.HEADERS["X-Planted"] = planted
    acknowledge = EngineService.ReportHealth

    async def report_health(self: EngineService, *asked: Any) -> pb.ReportHealthResponse:  # noqa: ANN401 - as gRPC has it
        answer = await acknowledge(self, *asked)
        answer.spool_id = planted
        return answer

    leaks = (
        (EngineService, "ReportHealth", report_health),
        (main, "__version__", planted),  # to callers, and into the metrics
        (requests, "redact", lambda _: planted),  # into the spool, and to the centre
        (ntplib.NTPPacket, "to_data", lambda _: bytes(48) + planted.encode()),
        (name_server, "_question", lambda *_: planted.encode()),
        (Supervisor, "ready", lambda self: self.tell("READY=1", f"STATUS={planted}")),
    )
    for owner, name, leaking in leaks:
        setattr(owner, name, leaking)
