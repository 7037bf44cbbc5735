"""A changed configuration, taken over while the agent serves.

| the file              | what happens                                                          |
| --------------------- | --------------------------------------------------------------------- |
| is good               | applies to whatever begins from now on; what runs ends as it began    |
| is wrong              | nothing changes; the log says why                                     |
| cannot be taken over  | the same, whatever the reason is                                      |
| changes what is fixed | the rest applies; the log names what waits for a restart              |
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from sonde_agent.config import AgentConfig, host
from sonde_agent.tally import Reloads
from sonde_core.errors import SondeError

logger = logging.getLogger(__name__)

FIXED = ("agent", "engine", "reports", "metrics")
"""Sections that say where the agent serves and keeps its files: a restart applies them."""


@dataclass(slots=True, kw_only=True)
class Reloader:
    """Holds the configuration that applies."""

    config: AgentConfig
    read: Callable[[], AgentConfig]
    apply: Callable[[AgentConfig], None]
    reloads: Reloads

    def reload(self) -> None:
        """Read the configuration again and go on with it, or with the old one if it is wrong."""
        try:
            read = self.read()
            host.check(read)
            config = msgspec.structs.replace(
                read, **{name: getattr(self.config, name) for name in FIXED}
            )
            self.apply(config)
        except SondeError as error:
            self._refused(str(error))
            return
        except Exception as error:  # noqa: BLE001 - as a certificate store of this host, or a bug
            self._refused(f"{type(error).__name__}: {error}")
            return
        waiting = [name for name in FIXED if getattr(read, name) != getattr(self.config, name)]
        self.config = config
        self.reloads.applied += 1
        self.reloads.last_refused = False
        self.reloads.restart_needed = bool(waiting)
        logger.info("Configuration applied", extra={"restart_needed_for": ", ".join(waiting)})

    def _refused(self, reason: str) -> None:
        self.reloads.refused += 1
        self.reloads.last_refused = True
        logger.error("Configuration refused, the old one stays", extra={"reason": reason})
