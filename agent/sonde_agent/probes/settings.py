"""What the agent is and what was written down on this host."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

from sonde_agent.probes import Step
from sonde_agent.stopwatch import HostClock, host_clock
from sonde_core.readings import (
    HOST,
    AgentSettings,
    Kind,
    Network,
    Reading,
    Subject,
    WhitelistRecord,
)

RECORDED_BY = "agent configuration"


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsProbe:
    """Reports the configuration, as far as a diagnosis needs it."""

    settings: AgentSettings
    whitelists: Mapping[str, tuple[Network, ...]]
    """By account; accounts without a list are left out."""
    now: HostClock = host_clock

    def steps(self) -> Sequence[Step]:
        """Return one step: nothing here takes time."""
        lists = [(Kind.WHITELIST, Subject("account", name)) for name in self.whitelists]
        return ([(Kind.SETTINGS, HOST), *lists],)

    async def measure(self) -> AsyncIterator[Reading]:
        """Return the settings and each account's IP list."""
        yield Reading(kind=Kind.SETTINGS, subject=HOST, time=self.now(), value=self.settings)
        for name, networks in self.whitelists.items():
            yield Reading(
                kind=Kind.WHITELIST,
                subject=Subject("account", name),
                time=self.now(),
                value=WhitelistRecord(entries=networks, recorded_by=RECORDED_BY),
            )
