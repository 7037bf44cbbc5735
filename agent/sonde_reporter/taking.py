"""Taking values of an engine's so that a report keeps nothing else of the engine alive."""

_LARGEST = 10**18
Plain = int | float | str | None


def taken(value: object, most: int) -> Plain:
    """Return a number or a flag as it is, anything else as the beginning of its text.

    It runs in the caller's thread. None where there is no text, or where it might have no end, as
    that of a list.
    """
    if type(value) is str:  # nearly everything is one of these, and type() is asked soonest
        return value[:most]
    if type(value) is float or value is None:
        return value
    try:
        if isinstance(value, float):
            return float(value)
        if isinstance(value, str):
            return str(value[:most])
        if isinstance(value, int):
            return value if -_LARGEST < value < _LARGEST else None
        named = getattr(value, "value", value)  # an Enum's
        return (
            str(named)[:most] if isinstance(named, str) or not hasattr(named, "__len__") else None
        )
    except Exception:  # noqa: BLE001 - what an engine hands over may be anything
        return None
