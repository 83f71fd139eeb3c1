"""Processes that end with their parent, carry a mark, and leave nothing, with a stand-in program."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from mindveil.engine import flower_processes
from mindveil.engine.flower_child import main as become
from mindveil.engine.flower_processes import (
    FlowerHome,
    Wish,
    end,
    flower_home,
    flower_python,
    free_port,
    marked,
    start,
    sweep_marked,
    wait_for_port,
)
from mindveil.errors import InputError, RefusedError

linux = pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
SLEEP = (sys.executable, "-I", "-S", "-c", "import time; time.sleep(60)")


@pytest.fixture
def home(tmp_path):
    home = FlowerHome(python=Path(sys.executable), folder=tmp_path, mark=f"test-{os.getpid()}")
    yield home
    sweep_marked(home.mark)


def gone(number: int) -> bool:
    """Say if a process has ended (a zombie has)."""
    try:
        state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state in "ZX"


def wait(condition, seconds=10.0):
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.02)
    return condition()


def test_a_process_sees_its_own_home_and_neither_proxy_nor_telemetry(home, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://elsewhere")
    monkeypatch.setenv("no_proxy", "x")
    monkeypatch.setenv("FLWR_HOME", "/elsewhere")
    code = "import json, os; print(json.dumps(dict(os.environ)))"
    wish = Wish(
        name="site a",
        command=(sys.executable, "-I", "-c", code),
        environment={"OWN": "1"},
        talks=True,
    )
    process = start(home, wish)
    told, _ = process.process.communicate(timeout=20)
    seen = json.loads(told)
    assert seen["HOME"] == str(home.folder)
    assert seen["FLWR_HOME"] == str(home.folder / "flwr")
    assert (seen["FLWR_TELEMETRY_ENABLED"], seen["FLWR_DISABLE_UPDATE_CHECK"]) == ("0", "1")
    assert (seen["OMP_NUM_THREADS"], seen["OWN"]) == ("1", "1")
    assert not [name for name in seen if name.upper().endswith("_PROXY")]
    assert seen["PATH"].startswith(f"{home.python.parent}{os.pathsep}")
    end([process])
    assert process.log == home.folder / "logs" / "site-a.log"


def test_what_a_process_prints_is_in_its_log_and_its_end_is_told(home):
    process = start(home, Wish(name="odd", command=(sys.executable, "-c", "print('hi'); exit(3)")))
    process.process.wait(timeout=20)
    assert process.log.read_text() == "hi\n"
    with pytest.raises(InputError, match=r"^odd ended with code 3; set MINDVEIL_DEBUG=1"):
        process.check()


def test_end_asks_first_and_kills_who_does_not_listen(home):
    deaf = textwrap.dedent("""
        import signal, sys, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        print("deaf", flush=True)
        time.sleep(60)
    """)
    polite = start(home, Wish(name="polite", command=SLEEP))
    stubborn = start(home, Wish(name="stubborn", command=(sys.executable, "-c", deaf), talks=True))
    assert stubborn.process.stdout.readline() == b"deaf\n"
    end([polite, stubborn])
    assert polite.process.returncode == -signal.SIGTERM
    assert stubborn.process.returncode == -signal.SIGKILL
    end([polite, stubborn])


@linux
def test_the_mark_finds_grandchildren_in_sessions_of_their_own(home):
    code = textwrap.dedent(f"""
        import subprocess, sys
        quiet = subprocess.DEVNULL
        subprocess.Popen({list(SLEEP)!r}, start_new_session=True, stdout=quiet, stderr=quiet)
    """)
    process = start(home, Wish(name="parent", command=(sys.executable, "-c", code)))
    process.process.wait(timeout=20)
    (grandchild,) = marked(home.mark)
    assert grandchild != process.process.pid
    sweep_marked(home.mark)
    assert gone(grandchild)
    assert marked(home.mark) == []


@linux
def test_a_process_dies_with_a_parent_that_is_killed(home):
    code = textwrap.dedent(f"""
        import sys, time
        from pathlib import Path
        from mindveil.engine.flower_processes import FlowerHome, Wish, start
        home = FlowerHome(
            python=Path(sys.executable), folder=Path({str(home.folder)!r}), mark={home.mark!r}
        )
        print(start(home, Wish(name="child", command={SLEEP!r})).process.pid, flush=True)
        time.sleep(60)
    """)
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as parent:
        child = int(parent.stdout.readline())
        assert not gone(child)
        parent.kill()
    assert wait(lambda: gone(child))


def test_a_child_whose_parent_is_gone_already_does_not_start():
    with pytest.raises(SystemExit):
        become(["1" if os.getppid() != 1 else "2", "/bin/true"])


def test_a_port_is_waited_for_while_its_process_lives(home):
    port = free_port()
    code = textwrap.dedent(f"""
        import socket, time
        time.sleep(0.2)
        with socket.create_server(("127.0.0.1", {port})):
            time.sleep(60)
    """)
    server = start(home, Wish(name="server", command=(sys.executable, "-c", code)))
    wait_for_port(server, port, 20.0)
    end([server])
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
    with pytest.raises(InputError, match="server ended with code -15"):
        wait_for_port(server, port, 20.0)
    silent = start(home, Wish(name="silent", command=SLEEP))
    with pytest.raises(InputError, match=r"silent did not listen on port \d+ within 0.2 s"):
        wait_for_port(silent, port, 0.2)
    end([silent])


def test_the_environment_of_flower_is_named_or_missed(tmp_path, monkeypatch):
    monkeypatch.setenv("MINDVEIL_FLOWER_PYTHON", str(tmp_path / "bin" / "python"))
    with pytest.raises(InputError, match="there is no Flower here"):
        flower_python()
    (tmp_path / "bin").mkdir()
    for name in ("python", "flower-superlink"):
        (tmp_path / "bin" / name).touch()
    assert flower_python() == tmp_path / "bin" / "python"


def test_a_home_goes_and_so_does_what_a_killed_run_left(tmp_path, monkeypatch):
    monkeypatch.setattr(flower_processes.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(flower_processes, "flower_python", lambda: Path(sys.executable))
    with flower_home() as home:
        (home.folder / "key").write_text("secret")
        corner = home.folder.parent
        assert corner.stat().st_mode & 0o777 == 0o700
        process = start(home, Wish(name="left", command=SLEEP))
    assert list(corner.iterdir()) == []
    if sys.platform == "linux":
        assert process.process.wait(timeout=10) == -signal.SIGKILL
    end([process])
    code = textwrap.dedent(f"""
        import os, signal, sys
        from pathlib import Path
        from mindveil.engine import flower_processes as f
        f.tempfile.gettempdir = lambda: {str(tmp_path)!r}
        f.flower_python = lambda: Path(sys.executable)
        with f.flower_home():
            os.kill(os.getpid(), signal.SIGKILL)
    """)
    subprocess.run([sys.executable, "-c", code], check=False)
    assert len(list(corner.iterdir())) == 1
    with flower_home() as home:
        assert list(corner.iterdir()) == [home.folder]
    corner.chmod(0o755)
    with pytest.raises(RefusedError, match="not a folder of yours alone"), flower_home():
        pass
