import json
import re
from pathlib import Path

import msgspec
import pytest

from sonde_core.errors import ConfigInvalidError
from sonde_lab import world as worlds
from sonde_lab.world import Check, Surface, World

DOCUMENTATION = (Path(__file__).parents[2] / "docs" / "world.md").read_text()
PARTS = (
    worlds.World,
    worlds.SurfaceState,
    worlds.Limits,
    worlds.Key,
    worlds.Permissions,
    worlds.Account,
    worlds.FuturesAccount,
    worlds.Fault,
)


def test_a_world_without_fields_is_healthy_and_has_one_good_key() -> None:
    world = World.from_json("{}")

    assert world == World()
    assert [key.opens_futures for key in world.keys] == [True]
    assert world.faults == ()


def test_a_world_survives_json() -> None:
    world = World.from_json('{"usdm": {"clock_offset_ms": -1500}, "faults": [{"answer": "waf"}]}')

    assert World.from_json(world.to_json()) == world
    assert world.clock_offset(Surface.USDM).total_seconds() == -1.5
    assert world.clock_offset(Surface.SPOT).total_seconds() == 0


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        pytest.param('{"usmd": {}}', r"unknown field `usmd`", id="unknown field"),
        pytest.param(
            '{"keys": [{"permissions": {"enableFuture": true}}]}',
            r"unknown field `enableFuture` - at `\$\.keys\[0\]\.permissions`",
            id="unknown field deep inside",
        ),
        pytest.param('{"seen_ip": "nowhere"}', r"'nowhere' does not appear", id="no address"),
        pytest.param('{"keys": [{"api_key": "abc"}]}', r"64 letters and digits", id="short key"),
        pytest.param('{"keys": [{}, {}]}', r"different values of api_key", id="one key twice"),
        pytest.param('{"check_order": ["ip"]}', r"each check once: ban, ", id="checks left out"),
        pytest.param('{"faults": [{"answer": "rain"}]}', r"'rain'.*answer", id="unknown answer"),
        pytest.param('{"clock_offset_ms": 1.5}', r"clock_offset_ms", id="not whole"),
        pytest.param("{", r"Input data was truncated", id="not JSON"),
    ],
)
def test_what_is_wrong_with_a_world_is_named(text: str, complaint: str) -> None:
    with pytest.raises(ConfigInvalidError, match=complaint):
        World.from_json(text)


def test_a_world_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalidError, match=r"absent\.json: No such file"):
        World.from_file(tmp_path / "absent.json")


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
def test_every_field_is_documented_with_its_default(part: type[msgspec.Struct]) -> None:
    section = DOCUMENTATION.split(f"\n## {part.__name__}\n")[1].split("\n## ")[0]
    rows = dict(re.findall(r"^\| `(\w+)` \| `?(.*?)`? \|", section, re.MULTILINE))

    assert rows.keys() == {field.encode_name for field in msgspec.structs.fields(part)}
    assert {name: rows[name] for name, default in _plain_defaults(part).items()} == {
        name: json.dumps(default) for name, default in _plain_defaults(part).items()
    }


def test_every_answer_of_a_fault_is_documented_once() -> None:
    section = DOCUMENTATION.split("\n## Answers of a fault\n")[1].split("\n## ")[0]

    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == list(worlds.Answer)


def _plain_defaults(part: type[msgspec.Struct]) -> dict[str, object]:
    """Return the defaults that a table can show."""
    return {
        field.encode_name: field.default
        for field in msgspec.structs.fields(part)
        if isinstance(field.default, int | str | None) and not isinstance(field.default, Check)
    }


def test_the_examples_of_the_documentation_are_worlds() -> None:
    examples = re.findall(r"```json\n(.*?)```", DOCUMENTATION, re.DOTALL)

    assert len(examples) > 0
    for example in examples:
        World.from_json(example)
