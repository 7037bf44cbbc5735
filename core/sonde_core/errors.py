"""The errors that Sonde raises on purpose."""

from collections.abc import Mapping


class SondeError(Exception):
    """Something failed that the caller can act on."""

    reason = "FAILED"
    """What a program branches on: UPPER_SNAKE, at most 63 characters (AIP-193)."""

    def __init__(self, message: str, **metadata: str) -> None:
        super().__init__(message)
        self.metadata: Mapping[str, str] = metadata
        """Every changing part of the message, by name."""
        self.details: tuple[object, ...] = ()
        """Messages of the contract that help the caller all the same."""


class ConfigInvalidError(SondeError):
    """A configuration cannot be used. The message names the key and the fix."""

    reason = "CONFIG_INVALID"


class RequestInvalidError(SondeError):
    """A request cannot be used. The message names the field and the fix."""

    reason = "REQUEST_INVALID"


class NotFoundError(SondeError):
    """What was asked for does not exist."""

    reason = "NOT_FOUND"


class AlreadyExistsError(SondeError):
    """What was to be made exists."""

    reason = "ALREADY_EXISTS"


class UnavailableError(SondeError):
    """What was asked for cannot be done now and may be possible later."""

    reason = "UNAVAILABLE"


class NoRoomError(SondeError):
    """What was sent cannot be kept: there is no room for it."""

    reason = "NO_ROOM"


class NotAllowedError(SondeError):
    """Whoever asks may not have this done."""

    reason = "NOT_ALLOWED"
