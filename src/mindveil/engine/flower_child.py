"""Become another program that dies when the process that started it dies.

Run by its path with a bare interpreter: ``python -I -S flower_child.py PARENT COMMAND ...``.
Nothing but the standard library is here, so the start costs a few hundredths of a second. Linux
sends SIGKILL when the parent is gone, however it went; elsewhere the parent's own end has to do.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Ask for the signal, make sure that the parent still lives, and become the command."""
    parent, command = int(arguments[0]), arguments[1:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(1)
    os.execv(command[0], command)  # noqa: S606 - the parent gives an absolute path, no shell


if __name__ == "__main__":
    main(sys.argv[1:])
