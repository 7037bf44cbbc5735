"""Where the agent's configuration is, unless told otherwise."""

from pathlib import Path

CONFIG_VARIABLE = "SONDE_AGENT_CONFIG"
DEFAULT_CONFIG = Path("/etc/sonde/agent.toml")
