"""Every drill there is."""

from collections.abc import Mapping

from sonde_lab.drills import access, clock, healthy, history, limits, pairs, path, products
from sonde_lab.drills.drill import Drill

GROUPS: Mapping[str, tuple[Drill, ...]] = {
    "Hosts that are all right": healthy.DRILLS,
    "The key, its list and its permissions": access.DRILLS,
    "The account, the product and the environment": products.DRILLS,
    "The clock": clock.DRILLS,
    "The way, the location and the agent": path.DRILLS,
    "Limits and the exchange's own troubles": limits.DRILLS,
    "Two faults at once": pairs.DRILLS,
    "What changed": history.DRILLS,
}

DRILLS: Mapping[str, Drill] = {drill.name: drill for group in GROUPS.values() for drill in group}
