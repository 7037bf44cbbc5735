"""Hosts and results to keep."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

from sonde_core.readings import WhitelistRecord
from sonde_service.hosts import Customer, Host
from sonde_service.store.diagnoses import StoredResult

NOON = datetime(2030, 1, 1, 12, 0, 0, 123456, tzinfo=UTC)


def later(seconds: float) -> datetime:
    """Return an instant after noon."""
    return NOON + timedelta(seconds=seconds)


def host(name: str = "sgp-01", **changes: object) -> Host:
    """Return a host of which everything is recorded, with some of it changed."""
    fields: dict[str, object] = {
        "name": name,
        "address": "127.0.0.1:7443",
        "tls_name": "agent.example",
        "customer": Customer(
            email="li@example.com", uid_last6="123456", language="zh", time_zone="Asia/Shanghai"
        ),
        "labels": {"region": "sgp", "tier": "gold"},
        "whitelists": {
            "main": WhitelistRecord(
                entries=(ip_network("203.0.113.7"), ip_network("2001:db8::/64")),
                recorded=NOON,
                recorded_by="wang",
            )
        },
        "created": NOON,
    }
    return Host(**(fields | changes))  # type: ignore[arg-type]


def result(number: int, host: str = "sgp-01", **changes: object) -> StoredResult:
    """Return the result of a host in diagnosis d1, d2, …, taken that many seconds after noon."""
    fields: dict[str, object] = {
        "diagnosis": f"d{number}",
        "host": host,
        "time": later(number),
        "status": "diagnosed",
        "healthy": True,
        "agent_version": "1.0",
        "rules_version": "0.1.0",
        "result": b"result",
        "readings": b"\x00readings\xff",
    }
    return StoredResult(**(fields | changes))  # type: ignore[arg-type]
