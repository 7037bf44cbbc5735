"""The kernel's view of its clock, by adjtimex(2). Read only: the modes that set something are 0."""

import os
import struct
from datetime import timedelta

from sonde_core.timekeeping import KernelClock

_TIMEX = struct.Struct("@I4li6l")
"""`struct timex` of Linux: modes, offset, freq, maxerror, esterror, status, and what is unused."""
_BYTES = 512
"""More than the kernel writes, whatever it appends to that struct."""
_STA_UNSYNC = 0x0040
_STA_NANO = 0x2000
_MICROSECOND = timedelta(microseconds=1)
_PPM_PER_HOUR = timedelta(hours=1) / 1_000_000
_SCALED_PPM = 1 << 16


def read_kernel_clock() -> KernelClock:
    """Return the kernel's view. Raises `OSError` where it may not be read or there is none."""
    return of_timex(_asked())


def of_timex(told: bytes) -> KernelClock:
    """Read what the kernel wrote to a `struct timex`."""
    _, offset, frequency, most, estimated, status, *_ = _TIMEX.unpack_from(told)
    units = 1_000 if status & _STA_NANO else 1
    return KernelClock(
        synchronized=not status & _STA_UNSYNC,
        # The kernel holds what it still has to add: reference minus host; ours is the reverse.
        offset=-(offset * _MICROSECOND / units),
        correction=frequency * _PPM_PER_HOUR / _SCALED_PPM,
        max_error=most * _MICROSECOND,
        estimated_error=estimated * _MICROSECOND,
    )


def _asked() -> bytes:
    try:
        import ctypes  # noqa: PLC0415 - it costs memory, and a strict sandbox may refuse it

        adjtimex = ctypes.CDLL(None, use_errno=True).adjtimex
    except (ImportError, MemoryError, AttributeError) as error:
        raise OSError(0, "adjtimex cannot be called here") from error
    told = ctypes.create_string_buffer(_BYTES)
    if adjtimex(told) < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return told.raw
