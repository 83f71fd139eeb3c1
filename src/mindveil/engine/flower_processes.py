"""Start Flower's processes in an environment of their own, and leave none of them behind.

Flower starts processes of its own (an executor beside every SuperLink and SuperNode, a ServerApp
a run, a ClientApp a message), some in sessions of their own. Three ways end them. Those that are
started here die with this process (flower_child.py); theirs watch their parents; and all of them
carry a mark in their environment, by which ``end`` finds and kills what is left.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mindveil.engine import flower_child
from mindveil.engine.local import ONE_THREAD
from mindveil.errors import InputError, RefusedError
from mindveil.features import weights
from mindveil.store.files import sweep, temporary_folder

PYTHON_VARIABLE = "MINDVEIL_FLOWER_PYTHON"
LOUDER = "set MINDVEIL_DEBUG=1 to see what it says"
_MARK = "MINDVEIL_FLOWER_MARK"
_QUIET = {
    "FLWR_TELEMETRY_ENABLED": "0",
    "FLWR_DISABLE_UPDATE_CHECK": "1",
    "FLWR_DISABLE_RUNTIME_DEPENDENCY_INSTALLATION": "1",
    "FLWR_SUPEREXEC_TASK_POLL_INTERVAL": "0.2",
    "PYTHONUNBUFFERED": "1",
}
_GRACE_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowerHome:
    """Where a federation's processes live: the interpreter, a private folder, their mark."""

    python: Path
    folder: Path
    mark: str

    def command(self, name: str) -> Path:
        """Return one of Flower's programs."""
        return self.python.parent / name


@dataclass(slots=True, eq=False, kw_only=True)
class FlowerProcess:
    """One process that was started here, and where it logs while its home stands."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def check(self) -> None:
        """Raise if it has ended.

        Raises:
            InputError: it has.
        """
        code = self.process.poll()
        if code is not None:
            raise InputError(f"{self.name} ended with code {code}; {LOUDER}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What to start: a name, a command with an absolute path, and its own environment.

    One that ``talks`` has pipes to its input and output; of the others, both go to the log.
    """

    name: str
    command: Sequence[str | Path]
    environment: Mapping[str, str] = field(default_factory=dict)
    talks: bool = False


def flower_python() -> Path:
    """Return the interpreter of the environment that holds Flower.

    Flower's pins clash with others of ours, so it has an environment of its own.

    Raises:
        InputError: there is none.
    """
    named = os.environ.get(PYTHON_VARIABLE)
    beside = Path(__file__).resolve().parents[3] / "build" / "flower" / "bin" / "python"
    python = Path(named) if named else beside
    if not (python.is_file() and (python.parent / "flower-superlink").is_file()):
        raise InputError(
            f"{python}: there is no Flower here; make an environment with "
            f"pip install 'mindveil[flower]' and set {PYTHON_VARIABLE} to its python"
        )
    return python.absolute()


@contextlib.contextmanager
def flower_home() -> Iterator[FlowerHome]:
    """Give a private folder for one federation; everything in it ends and goes afterwards."""
    python = flower_python()
    corner = _own_corner()
    sweep(corner)
    with temporary_folder(corner) as folder:
        home = FlowerHome(python=python, folder=folder, mark=secrets.token_hex(16))
        try:
            yield home
        finally:
            sweep_marked(home.mark)


def _own_corner() -> Path:
    """Return this user's folder among the temporary ones; a killed run's keys are swept from it.

    Raises:
        RefusedError: somebody else made a folder of that name, or can look into it.
    """
    corner = Path(tempfile.gettempdir()) / f"mindveil-flower-{os.getuid()}"
    with contextlib.suppress(FileExistsError):
        corner.mkdir(mode=0o700)
    found = corner.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise RefusedError(f"{corner}: this is not a folder of yours alone; remove it")
    return corner


def start(home: FlowerHome, wish: Wish) -> FlowerProcess:
    """Start a process of Flower that dies with this thread's process.

    It sees the folder as its home, knows no proxy, uses no telemetry and asks for no updates.
    Start it from a thread that lives as long as the process is wanted: Linux counts the thread
    as the parent.
    """
    log = home.folder / "logs" / f"{wish.name.replace(' ', '-')}.log"
    log.parent.mkdir(mode=0o700, exist_ok=True)
    loud = bool(os.environ.get("MINDVEIL_DEBUG"))
    inherited = {
        k: v
        for k, v in os.environ.items()
        if not k.startswith("FLWR_") and not k.upper().endswith("_PROXY")
    }
    environment = {
        **inherited,
        **ONE_THREAD,
        **_QUIET,
        "HOME": str(home.folder),
        # Weights lie in the caller's home, which a node does not see.
        "MINDVEIL_HOME": str(weights.home()),
        "FLWR_HOME": str(home.folder / "flwr"),
        "PATH": f"{home.python.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        _MARK: home.mark,
        **wish.environment,
    }
    bound = [home.python, "-I", "-S", flower_child.__file__, str(os.getpid()), *wish.command]
    with log.open("ab") as written:
        out = sys.__stderr__ if loud else written
        process = subprocess.Popen(  # noqa: S603 - programs of the environment that was named
            [str(part) for part in bound],
            stdin=subprocess.PIPE if wish.talks else subprocess.DEVNULL,
            stdout=subprocess.PIPE if wish.talks else out,
            stderr=out,
            env=environment,
            start_new_session=True,
        )
    return FlowerProcess(name=wish.name, process=process, log=log)


def free_port() -> int:
    """Return a port of the loopback that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert isinstance(port, int)
    return port


def wait_for_port(process: FlowerProcess, port: int, seconds: float) -> None:
    """Wait until a process listens on the loopback.

    Raises:
        InputError: it ended, or did not listen in time.
    """
    end_of_wait = time.monotonic() + seconds
    while time.monotonic() < end_of_wait:
        process.check()
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.5):
            return
        time.sleep(0.05)
    raise InputError(f"{process.name} did not listen on port {port} within {seconds:g} s; {LOUDER}")


def end(processes: Iterable[FlowerProcess]) -> None:
    """End processes that were started here: ask, wait a second, then kill."""
    started = list(processes)
    alive = [p.process for p in started if p.process.poll() is None]
    for process in alive:
        process.terminate()
    until = time.monotonic() + _GRACE_SECONDS
    for process in alive:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=max(until - time.monotonic(), 0.01))
        if process.poll() is None:
            process.kill()
            process.wait()
    for process in (p.process for p in started):
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()


def marked(mark: str) -> list[int]:
    """Return the processes of this user that carry a mark (Linux; elsewhere none is found)."""
    if sys.platform != "linux":
        return []
    sought = f"{_MARK}={mark}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            if sought in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
    return found


def sweep_marked(mark: str, seconds: float = 5.0) -> None:
    """Kill whatever carries the mark, and what that starts meanwhile, until nothing is left."""
    until = time.monotonic() + seconds
    while (left := marked(mark)) and time.monotonic() < until:
        for number in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        time.sleep(0.05)
