"""The example configuration is what the agent does anyway."""

from pathlib import Path

from sonde_agent.config import AgentConfig, parse

EXAMPLE = Path(__file__).parents[2] / "deploy" / "agent" / "agent.example.toml"


def test_the_example_says_the_defaults() -> None:
    example = parse(EXAMPLE.read_text("utf-8"), {})
    [account] = example.account

    assert (account.name, account.whitelist) == ("main", ())
    assert AgentConfig(account=example.account) == example
