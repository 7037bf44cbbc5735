"""A directory with all that an agent needs: its configuration, a key, where to serve."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sonde_lab.world import EXAMPLE_API_KEY, EXAMPLE_SECRET
from sonde_wire.tls import TlsFiles

_CONFIG = """\
[agent]
socket = "{home}/agent.sock"
listen = "{listen}"
state_dir = "{home}"
{tls}
[clock]
servers = [{servers}]
samples = 2
timeout = "{timeout}"
synchronizer = "elsewhere"

[egress]
echo_urls = ["{echo}/_sonde/ip"]

[exchange]
environment = "custom"

[exchange.urls]
spot = "{exchange}"
usdm = "{exchange}"

[[account]]
name = "main"
api_key_file = "{home}/api.key"
secret_file = "{home}/api.secret"
"""
_TLS = """
[agent.tls]
ca_file = "{files.ca_file}"
cert_file = "{files.cert_file}"
key_file = "{files.key_file}"
"""


@dataclass(frozen=True, slots=True)
class AgentHome:
    """Where one agent lives."""

    directory: Path

    @property
    def config(self) -> Path:
        return self.directory / "agent.toml"

    @property
    def socket(self) -> str:
        return f"unix:{self.directory}/agent.sock"

    @property
    def engines(self) -> str:
        return f"unix:{self.directory}/engine.sock"

    def furnish(
        self,
        *,
        exchange: str,
        servers: Iterable[str],
        echo: str = "",
        timeout: str = "3s",
        listen: str = "",
        tls: TlsFiles | None = None,
    ) -> None:
        """Write the configuration and the key. The exchange echoes addresses too, by default."""
        text = _CONFIG.format(
            home=self.directory,
            exchange=exchange,
            servers=", ".join(f'"{server}"' for server in servers),
            echo=echo or exchange,
            timeout=timeout,
            listen=listen,
            tls=_TLS.format(files=tls) if tls else "",
        )
        self.config.write_text(text)
        for name, content in (("api.key", EXAMPLE_API_KEY), ("api.secret", EXAMPLE_SECRET)):
            (self.directory / name).write_text(content)
            (self.directory / name).chmod(0o600)
