"""Time zones as people write them. Light: a command that starts at once reads them too."""

from zoneinfo import ZoneInfo


def zone(name: str) -> ZoneInfo:
    """Return a time zone by its IANA name. Raises ValueError, saying how to write one."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(
            f"there is no time zone {name!r}; write an IANA name such as Asia/Shanghai"
        ) from error
