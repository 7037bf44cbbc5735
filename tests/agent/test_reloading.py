"""A changed configuration that cannot be taken over."""

import ssl
from pathlib import Path

import certifi
import pytest

from sonde_agent.config import AgentConfig, parse
from sonde_agent.reloading import Reloader
from sonde_agent.tally import Reloads

CONFIG = """
[agent]
socket = "{home}/agent.sock"
state_dir = "{home}"
[clock]
samples = {samples}
"""


def test_whatever_keeps_a_configuration_from_being_taken_over_is_counted_and_logged_as_refused(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tmp_path.chmod(0o700)
    store = tmp_path / "store.pem"
    taken: list[AgentConfig] = []

    def apply(config: AgentConfig) -> None:
        ssl.create_default_context(cafile=str(store))
        taken.append(config)

    old, new = (parse(CONFIG.format(home=tmp_path, samples=count), {}) for count in (2, 3))
    reloader = Reloader(config=old, read=lambda: new, apply=apply, reloads=Reloads())

    reloader.reload()

    assert (reloader.config, taken) == (old, [])
    assert (reloader.reloads.refused, reloader.reloads.last_refused) == (1, True)
    [told] = caplog.records
    assert told.message == "Configuration refused, the old one stays"
    assert vars(told)["reason"].startswith("FileNotFoundError: ")

    store.write_bytes(Path(certifi.where()).read_bytes())
    reloader.reload()

    assert taken == [new]
    assert (reloader.reloads.applied, reloader.reloads.last_refused) == (1, False)
