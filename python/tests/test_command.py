"""The program is found and run, its errors are exceptions, and it ends with whoever waits for it."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import Hold, script

from sparse_manifold import CommandError, DeadlineError, binary, run, version


def test_report(data: str) -> None:
    report = run("data", "info", data)
    assert report["train"] + report["test"] > 0
    assert version()


def test_no_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMT_BINARY", "/nonexistent/smt")
    with pytest.raises(CommandError, match="SMT_BINARY is /nonexistent/smt: want an executable file"):
        binary()


def test_error_is_the_programs_own(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no such file") as failure:
        run("data", "info", tmp_path / "none")
    assert failure.value.code == 1
    again = pickle.loads(pickle.dumps(failure.value))  # as Ray carries it
    assert (str(again), again.code, again.bad) == (str(failure.value), 1, [])


def test_usage_error() -> None:
    with pytest.raises(CommandError, match="no-such-flag") as failure:
        run("fit", "--no-such-flag")
    assert failure.value.code == 2


def test_bad_files_are_told(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "broken.png").write_bytes(b"no image")
    with pytest.raises(CommandError, match=r"broken\.png") as failure:
        run("fit", tmp_path / "images", "-o", tmp_path / "model")
    assert [Path(bad["file"]).name for bad in failure.value.bad] in ([], ["broken.png"])


def test_killed_program_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMT_BINARY", str(script(tmp_path / "smt", "kill -KILL $$")))
    with pytest.raises(CommandError, match="smt fit: ended by SIGKILL"):
        run("fit")


def gone(pid: int) -> bool:
    """Whether a process ends, which is waited for."""
    for _ in range(600):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.1)
    return False


def test_deadline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hold = Hold(tmp_path, "version")
    monkeypatch.setenv("SMT_BINARY", str(script(tmp_path / "smt", hold.text)))
    with pytest.raises(DeadlineError, match=r"smt version took more than 2 seconds"):
        run("version", seconds=2)
    assert gone(int(hold.pid.read_text()))


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel ends it on Linux alone")
def test_program_ends_with_its_parent(tmp_path: Path) -> None:
    hold = Hold(tmp_path, "version")
    parent = subprocess.Popen(
        [sys.executable, "-c", "from sparse_manifold import version; version()"],
        env={**os.environ, "SMT_BINARY": str(script(tmp_path / "smt", hold.text))},
    )
    while not hold.pid.exists():
        time.sleep(0.1)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    assert gone(int(hold.pid.read_text()))
