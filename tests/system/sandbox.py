"""Become a command under a unit's filters of system calls and sockets, as systemd would start it.

Run as `python -m tests.system.sandbox UNIT COMMAND...`. It needs systemd-analyze, which knows what
is in a set such as @system-service, and libseccomp, which systemd itself uses.
"""

import ctypes
import errno
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM
_NO_SUCH_FAMILY = 0x00050000 | errno.EAFNOSUPPORT
_EQUAL, _MOST_FAMILIES = 4, 64
_SET_MDWE, _REFUSE_EXEC_GAIN = 65, 1


def allowed(unit: str) -> set[str]:
    """Return the system calls that a unit's filters leave, in the order in which they stand."""
    calls: set[str] = set()
    for line in re.findall(r"^SystemCallFilter=(.*)$", unit, flags=re.MULTILINE):
        named = set().union(*(_expanded(word) for word in line.removeprefix("~").split()))
        calls = calls - named if line.startswith("~") else calls | named
    return calls | _expanded("@default")


def _expanded(word: str) -> set[str]:
    if not word.startswith("@"):
        return {word}
    listing = subprocess.run(
        ["systemd-analyze", "--no-pager", "syscall-filter", word],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    inside = [line.strip() for line in listing.splitlines()[1:] if not line.strip().startswith("#")]
    return set().union(*(_expanded(each) for each in inside if each))


class _Compared(ctypes.Structure):
    """What a rule of libseccomp says of one argument."""

    _fields_ = (
        ("argument", ctypes.c_uint),
        ("how", ctypes.c_int),
        ("first", ctypes.c_uint64),
        ("second", ctypes.c_uint64),
    )


def families(unit: str) -> set[int]:
    """Return the address families that a unit leaves."""
    [named] = re.findall(r"^RestrictAddressFamilies=(.*)$", unit, flags=re.MULTILINE)
    return {socket.AddressFamily[name] for name in named.split()}


def confine(calls: set[str], families: set[int]) -> None:
    """Refuse other sockets and calls from now on, and memory that is writable and executable."""
    seccomp = ctypes.CDLL("libseccomp.so.2")
    seccomp.seccomp_init.restype = ctypes.c_void_p
    opening = seccomp.seccomp_syscall_resolve_name(b"socket")
    sockets = ctypes.c_void_p(seccomp.seccomp_init(ctypes.c_uint32(_ALLOW)))
    for family in {*range(_MOST_FAMILIES)} - families:
        compared = _Compared(0, _EQUAL, family, 0)
        action = ctypes.c_uint32(_NO_SUCH_FAMILY)
        seccomp.seccomp_rule_add_array(sockets, action, opening, 1, ctypes.byref(compared))
    filter_ = ctypes.c_void_p(seccomp.seccomp_init(ctypes.c_uint32(_REFUSE)))
    for name in calls:
        number = seccomp.seccomp_syscall_resolve_name(name.encode())
        if number >= 0:  # other machines have calls that this one lacks
            seccomp.seccomp_rule_add(filter_, ctypes.c_uint32(_ALLOW), number, 0)
    ctypes.CDLL(None).prctl(_SET_MDWE, _REFUSE_EXEC_GAIN, 0, 0, 0)  # from Linux 6.3 on
    if seccomp.seccomp_load(sockets) != 0 or seccomp.seccomp_load(filter_) != 0:
        raise OSError("a filter cannot be loaded")


if __name__ == "__main__":
    written = Path(sys.argv[1]).read_text()
    confine(allowed(written), families(written))
    os.execv(sys.argv[2], sys.argv[2:])
