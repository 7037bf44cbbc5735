"""What a configuration names on its host is looked at before it applies."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from sonde_agent.config import host, parse
from sonde_core.errors import ConfigInvalidError, NotAllowedError

AGENT = """
[agent]
socket = "{home}/agent.sock"
state_dir = "{home}"
"""
KEY = """
[[account]]
name = "main"
api_key_file = "{home}/api.key"
secret_file = "{home}/api.secret"
"""
CENTRE = '[reports]\nservice = "127.0.0.1:7441"\nhost = "{host}"\n'


def checked(home: Path, text: str) -> None:
    host.check_to_serve(parse(text.replace("{home}", str(home)), {}))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "file").touch()
    tmp_path.chmod(0o700)
    return tmp_path


def test_what_is_as_it_must_be_passes(home: Path) -> None:
    checked(home, AGENT + CENTRE.format(host="sgp-01"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(
            AGENT + '[engine]\nsocket = "{home}/missing/engine.sock"',
            "engine.socket: .*/missing: No such file or directory; make the directory",
            id="no directory for engines",
        ),
        pytest.param(
            AGENT.replace("agent.sock", "missing/agent.sock"),
            "agent.socket: .*/missing: No such file",
            id="no directory for the agent",
        ),
        pytest.param(
            AGENT + '[engine]\nsocket = "{home}/agent.sock"',
            "engine.socket: .* is the agent's own socket",
            id="one socket for both",
        ),
        pytest.param(
            AGENT.replace("agent.sock", "engine.jsonl"),
            "engine.socket: .* is the agent's own socket",
            id="one socket for the agent and lines",
        ),
        pytest.param(
            AGENT + '[engine]\nsocket = "{home}/engine.jsonl"',
            'engine.socket: .*lines of JSON; let it end in ".sock"',
            id="one socket for both kinds of engines",
        ),
        pytest.param(
            AGENT + '[engine]\nsocket = "{home}/' + 101 * "x" + '.sock"',
            "engine.socket: .* bytes are more than the 107",
            id="longer than the system allows",
        ),
        pytest.param(
            AGENT.replace('state_dir = "{home}"', 'state_dir = "{home}/missing"'),
            "agent.state_dir: .*/missing: No such file or directory; make the directory",
            id="no state directory",
        ),
        pytest.param(
            AGENT.replace('state_dir = "{home}"', 'state_dir = "{home}/file"'),
            "agent.state_dir: .*/file: it is no directory",
            id="a file for a state directory",
        ),
        pytest.param(
            AGENT + CENTRE.format(host="BAD HOST"),
            "reports.host: 'BAD HOST' cannot be a host's name; write 1 to 63",
            id="no name",
        ),
    ],
)
def test_what_would_keep_the_agent_from_its_work_is_named_with_the_fix(
    home: Path, text: str, said: str
) -> None:
    with pytest.raises(ConfigInvalidError, match=said):
        checked(home, text)


def test_a_key_that_cannot_be_read_is_no_reason_not_to_start_but_is_told(home: Path) -> None:
    config = parse((AGENT + KEY).replace("{home}", str(home)), {})

    host.check_to_serve(config)
    with pytest.raises(ConfigInvalidError, match=r"account main: api_key_file .*No such file"):
        host.check(config)


@contextmanager
def another_user() -> Iterator[None]:
    os.seteuid(4_242)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def shared() -> Iterator[Path]:
    """Make a place that every user can look into, as /var/lib is."""
    with TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become another user")
@pytest.mark.parametrize(
    ("state_mode", "key_mode", "closed"),
    [(0o700, 0o444, "state"), (0o777, 0o400, "api.key")],
)
def test_who_may_not_see_what_is_the_agents_is_told_whose_it_is_and_what_to_type(
    shared: Path, state_mode: int, key_mode: int, closed: str
) -> None:
    state = shared / "state"
    state.mkdir()
    os.chown(state, 1, -1)
    state.chmod(state_mode)
    for name in ("api.key", "api.secret"):
        (shared / name).touch()
        (shared / name).chmod(key_mode)
    text = AGENT.replace("{home}/agent", "{home}/state/agent").replace('"{home}"', '"{home}/state"')
    config = parse((text + KEY).replace("{home}", str(shared)), {})

    host.check_user(config)  # root may

    said = f"{shared}/{closed} is for the agent's user, daemon: run `sudo -u daemon sonde-agent "
    with another_user(), pytest.raises(NotAllowedError, match=said):
        host.check_user(config)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become another user")
def test_who_may_see_all_of_it_may_check(shared: Path) -> None:
    shared.chmod(0o777)
    config = parse((AGENT + KEY).replace("{home}", str(shared)), {})
    for name in ("api.key", "api.secret"):
        (shared / name).touch()
        (shared / name).chmod(0o444)

    with another_user():
        host.check_user(config)
