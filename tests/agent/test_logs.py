"""What is written to the log, and what never is."""

import json
import logging

import pytest

from sonde_agent.redaction import redact
from sonde_wire.logs import JsonFormatter

SIGNATURE = "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"
KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"


@pytest.mark.parametrize(
    "text",
    [
        f"GET https://fapi.example/x?timestamp=1&signature={SIGNATURE}",
        "https://fapi.example/x?signature=short%2B%3D&recvWindow=1",
        f"{{'X-MBX-APIKEY': '{KEY}'}}",
        f"x-mbx-apikey: {KEY[:8]}",
        f"bad key {KEY}",
        f"-----BEGIN PRIVATE KEY-----\\n{KEY[:8]}/short+lines/\\n-----END PRIVATE KEY-----",
        f"-----BEGIN PRIVATE KEY-----\n{KEY[:8]}/cut off",
        f"sig={KEY[:30]}%2B{KEY[30:]}%3D%3D",
        f"sig={KEY[:30]}/{KEY[30:60]}/{KEY[:30]}==",
    ],
)
def test_signatures_and_keys_are_taken_out(text: str) -> None:
    shown = redact(text)

    assert "***" in shown
    for secret in (SIGNATURE, KEY, KEY[:8], "short"):
        assert secret not in shown


def test_addresses_stay_because_they_are_evidence() -> None:
    text = "request ip: 203.0.113.9, also 2001:db8:85a3:8d3:1319:8a2e:370:7348"

    assert redact(text) == text


def test_a_line_is_one_json_object_with_a_redacted_traceback() -> None:
    try:
        raise ValueError(f"https://x.example/?signature={SIGNATURE}")  # noqa: TRY301 - the traceback is the point
    except ValueError as error:
        record = logging.LogRecord(
            "sonde", logging.ERROR, __file__, 1, "Probe failed", None, (type(error), error, None)
        )
    record.probe = "clock"
    record.url = [f"https://x.example/?signature={SIGNATURE}"]

    line = json.loads(JsonFormatter(redact).format(record))

    assert line["message"] == "Probe failed"
    assert line["probe"] == "clock"
    assert "signature=***" in line["traceback"]
    assert line["url"] == "['https://x.example/?signature=***']"
