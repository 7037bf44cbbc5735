"""The moment that a mail is about."""

from datetime import UTC, datetime

from sonde_core.words import Words


def moment(time: datetime, words: Words) -> str:
    """Return an instant in UTC and, where that is another, in the customer's own zone."""
    utc, local = time.astimezone(UTC), words.local(time)
    shown = {"utc": f"{utc:%Y-%m-%d %H:%M}"}
    if f"{local:%Z}" != "UTC":
        same_day = local.date() == utc.date()
        shown["zone"] = f"{local:%Z}"
        shown["local"] = f"{local:%H:%M}" if same_day else f"{local:%m-%d %H:%M}"
    return words.phrase("moment", **shown)
