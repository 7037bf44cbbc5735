"""Where a server listens: a unix socket, or host and port."""

from dataclasses import dataclass
from ipaddress import ip_address

from sonde_core.errors import ConfigInvalidError

_LONGEST_SOCKET_PATH = 107
"""Bytes: sun_path of unix(7) less its closing zero."""
_LARGEST_PORT = 65_535


@dataclass(frozen=True, slots=True)
class UnixAddress:
    """A unix socket."""

    path: str

    @property
    def local(self) -> bool:
        """Tell whether nothing but this machine can reach it."""
        return True

    def __str__(self) -> str:
        return f"unix:{self.path}"


@dataclass(frozen=True, slots=True)
class TcpAddress:
    """A host and a port; port 0 asks for a free one."""

    host: str
    port: int

    @property
    def local(self) -> bool:
        """Tell whether nothing but this machine can reach it."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


Address = UnixAddress | TcpAddress


def parse_address(text: str) -> Address:
    """Read "unix:/path", "host:port" or "[ipv6]:port".

    Raises `ConfigInvalidError`, saying what is wrong with the address and how to write it.
    """
    if text.startswith("unix:"):
        return _unix(text.removeprefix("unix:"))
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not host or not port.isdecimal() or int(port) > _LARGEST_PORT:
        raise ConfigInvalidError(
            f'address {text!r}: write "unix:/path/name.sock" or "host:port", port 0 to 65535',
            address=text,
        )
    return TcpAddress(host, int(port))


def _unix(path: str) -> UnixAddress:
    if not path.startswith("/"):
        raise ConfigInvalidError(
            f"address unix:{path}: give the socket's absolute path", address=f"unix:{path}"
        )
    length = len(path.encode())
    if length > _LONGEST_SOCKET_PATH:
        raise ConfigInvalidError(
            f"socket path {path}: {length} bytes are more than the {_LONGEST_SOCKET_PATH} that the "
            "system allows; choose a shorter directory",
            path=path,
        )
    return UnixAddress(path)
