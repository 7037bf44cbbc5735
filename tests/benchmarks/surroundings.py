"""What an agent finds around it on a host: an exchange, an echo service, NTP servers, a key."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from sonde_lab.exchange import serve_exchange
from sonde_lab.ntp import serve_ntp
from sonde_lab.world import EXAMPLE_API_KEY, EXAMPLE_SECRET, World
from tests.lab.key_pairs import PrivateKey, key_of, private_pem

_CONFIG = """
agent = {{ socket = "{home}/agent.sock", state_dir = "{home}" }}
clock.servers = [{servers}]
egress.echo_urls = ["{url}/_sonde/ip"]
exchange = {{ environment = "custom", urls = {{ spot = "{url}", usdm = "{url}" }} }}
[[account]]
name = "main"
api_key_file = "{home}/key"
{secret}_file = "{home}/secret"
"""
"""What is not said is as it is by default."""


@asynccontextmanager
async def surroundings(home: Path, private: PrivateKey | None = None) -> AsyncIterator[str]:
    """Serve all of it, put the key into a directory, and give the configuration's text.

    The key is an HMAC key unless the private half of another one is given.
    """
    world, kind, secret = World(), "secret", EXAMPLE_SECRET
    if private:
        world, kind, secret = World(keys=(key_of(private),)), "private_key", private_pem(private)
    for name, content in (("key", EXAMPLE_API_KEY), ("secret", secret)):
        (home / name).write_text(content)
        (home / name).chmod(0o600)
    async with AsyncExitStack() as stack:
        exchange = await stack.enter_async_context(serve_exchange(world))
        servers = [await stack.enter_async_context(serve_ntp()) for _ in range(3)]
        names = ", ".join(f'"{server.address}"' for server in servers)
        yield _CONFIG.format(url=exchange.url, servers=names, home=home, secret=kind)
