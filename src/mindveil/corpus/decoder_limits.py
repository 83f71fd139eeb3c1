"""What a decoder may use: memory, time, files, and no network.

Linux keeps to all of them; elsewhere the ones that the system knows, and the parent's clock.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys

try:
    import resource
except ImportError:  # Windows has no such limits
    resource = None  # type: ignore[assignment]

MEMORY = 400 << 20
"""Bytes that decoding may take on top of the libraries themselves: 512 MB resident in all."""

CPU_SECONDS = 4
"""Seconds of computing for one answer."""

OPEN_FILES = 48
"""Loading a library takes some; a recording takes one."""

_NEW_NETWORK, _NEW_USER = 0x40000000, 0x10000000
_NO_NEW_PRIVILEGES = 38


def confine() -> None:
    """Give up what a decoder never needs: network, privileges, writing, children's memory."""
    if sys.platform == "linux":
        _leave_network()
    if resource is None:
        return
    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
    ):
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(what, (most, most))


def grant() -> None:
    """Allow one more answer its time, and memory on top of what the libraries mapped."""
    if resource is None:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime) + CPU_SECONDS + 1
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.RLIM_INFINITY))


def limit_memory() -> None:
    """Allow ``MEMORY`` beyond what is mapped now; called when the libraries are loaded."""
    if resource is None or sys.platform != "linux":
        return
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - the kernel's table
        mapped = int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (mapped + MEMORY, resource.RLIM_INFINITY))


def free_memory() -> None:
    """Lift the limit while another of our libraries is loaded; no stranger's bytes are read."""
    if resource is not None and sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def _leave_network() -> None:
    # Best effort: a container may forbid name spaces, and then its own network rules hold.
    with contextlib.suppress(OSError, AttributeError):
        system = ctypes.CDLL(None, use_errno=True)
        system.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        if system.unshare(_NEW_NETWORK) != 0:
            system.unshare(_NEW_USER | _NEW_NETWORK)
