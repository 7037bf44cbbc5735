"""Names of hosts that must exist."""

from sqlalchemy import Connection

from sonde_core.errors import NotFoundError
from sonde_core.settings import suggest
from sonde_service.store.hosts import HostsStore


def require_known(names: frozenset[str], transaction: Connection) -> None:
    """Raise `NotFoundError` that lists every unknown name with the nearest known one."""
    known = HostsStore(transaction).names() if names else frozenset()
    unknown = sorted(names - known)
    if unknown:
        shown = ", ".join(_with_nearest(name, known) for name in unknown)
        raise NotFoundError(f"no such host: {shown}", hosts=",".join(unknown))


def _with_nearest(name: str, known: frozenset[str]) -> str:
    near = suggest(name, sorted(known))
    return f'{name} (did you mean "{near}"?)' if near else name
