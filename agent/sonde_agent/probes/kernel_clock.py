"""The kernel's view of its clock, by adjtimex(2). Read only: the modes that set something are 0."""

import ctypes
import os
from datetime import timedelta

from sonde_core.timekeeping import KernelClock

_STA_UNSYNC = 0x0040
_STA_NANO = 0x2000
_MICROSECOND = timedelta(microseconds=1)
_PPM_PER_HOUR = timedelta(hours=1) / 1_000_000
_SCALED_PPM = 1 << 16


class _Timex(ctypes.Structure):
    """`struct timex` of Linux; what comes after `tick` is not used."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("constant", ctypes.c_long),
        ("precision", ctypes.c_long),
        ("tolerance", ctypes.c_long),
        ("time", ctypes.c_long * 2),
        ("tick", ctypes.c_long),
        ("rest", ctypes.c_byte * 256),
    )


def read_kernel_clock() -> KernelClock:
    """Return the kernel's view. Raises `OSError` where it may not be read or there is none."""
    adjtimex = getattr(ctypes.CDLL(None, use_errno=True), "adjtimex", None)
    if adjtimex is None:
        raise OSError(0, "this system has no adjtimex")
    told = _Timex(modes=0)
    if adjtimex(ctypes.byref(told)) < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    units = 1_000 if told.status & _STA_NANO else 1
    return KernelClock(
        synchronized=not told.status & _STA_UNSYNC,
        # The kernel holds what it still has to add: reference minus host; ours is the reverse.
        offset=-(told.offset * _MICROSECOND / units),
        correction=told.freq * _PPM_PER_HOUR / _SCALED_PPM,
        max_error=told.maxerror * _MICROSECOND,
        estimated_error=told.esterror * _MICROSECOND,
    )
