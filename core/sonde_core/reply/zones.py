"""The customer's time zone, under the name that the customer knows it by."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo

from sonde_core.words import Words


class NamedZone(tzinfo):
    """A time zone whose name is not its abbreviation: ``CST`` alone is read in three ways."""

    def __init__(self, zone: tzinfo, name: str) -> None:
        self._zone = zone
        self._name = name

    def __str__(self) -> str:
        return str(self._zone)

    def utcoffset(self, dt: datetime | None, /) -> timedelta | None:
        """Return the offset of the zone itself."""
        return self._zone.utcoffset(dt and dt.replace(tzinfo=self._zone))

    def dst(self, dt: datetime | None, /) -> timedelta | None:
        """Return the daylight saving of the zone itself."""
        return self._zone.dst(dt and dt.replace(tzinfo=self._zone))

    def tzname(self, dt: datetime | None, /) -> str:  # noqa: ARG002 - the name does not change
        """Return the name that people know."""
        return self._name

    def fromutc(self, dt: datetime, /) -> datetime:
        """Return the zone's own time."""
        return dt.replace(tzinfo=UTC).astimezone(self._zone).replace(tzinfo=self)


def zone_name(words: Words) -> str:
    """Return what the customer calls the zone; empty for UTC."""
    if words.zone is UTC:
        return ""
    key = str(words.zone)
    if f"zone_{key}" in words.catalogue.phrases:
        return words.phrase(f"zone_{key}")
    return "" if key in {"UTC", "Etc/UTC"} else words.phrase("zone_other", zone=key)


def with_named_zone(words: Words) -> Words:
    """Return the same words, which name the zone as the customer does."""
    name = zone_name(words)
    return replace(words, zone=NamedZone(words.zone, name)) if name else words


def moment(time: datetime, words: Words) -> str:
    """Return an instant in UTC and, where that is another, in the customer's own zone."""
    utc, name = time.astimezone(UTC), zone_name(words)
    shown = {"utc": f"{utc:%Y-%m-%d %H:%M}"}
    if name:
        local = time.astimezone(words.zone)
        same_day = local.date() == utc.date()
        shown |= {"zone": name, "local": f"{local:%H:%M}" if same_day else f"{local:%m-%d %H:%M}"}
    return words.phrase("moment", **shown)
