"""Finds the program smt and runs its commands."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any


class CommandError(RuntimeError):
    """A command of smt failed. The text is the program's own; `bad` are the files that it could not read."""

    def __init__(self, text: str, code: int = 1, bad: list[dict[str, str]] | None = None):
        super().__init__(text, code, bad)
        self.text, self.code, self.bad = text, code, bad or []

    def __str__(self) -> str:
        return self.text


class DeadlineError(CommandError):
    """A command of smt took longer than it was given, and was ended."""


def binary() -> str:
    """The path of smt: SMT_BINARY, else beside the package, else on PATH. CommandError if there is none."""
    named = os.environ.get("SMT_BINARY")
    for path in [named] if named else [str(Path(__file__).parent / "smt"), "smt"]:
        if found := shutil.which(path):
            return found
    where = f"SMT_BINARY is {named}" if named else "it is not beside the package and not on PATH"
    raise CommandError(f"the program smt is not there: {where}: want an executable file", 127)


def version() -> str:
    """The version of smt, as `smt version` prints it."""
    return run("version")["version"]


def run(*args: str | os.PathLike[str], seconds: float | None = None) -> dict[str, Any]:
    """The report of `smt ARGS --json`.

    A failure raises CommandError. After so many seconds the command is ended, and DeadlineError raised; so it is
    ended by whatever else interrupts the wait, and by the end of this process.
    """
    command = [binary(), *map(os.fspath, args), "--json", "--quiet"]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True, preexec_fn=_die_with_parent
    ) as child:
        try:
            out, err = child.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            child.kill()
            raise DeadlineError(f"smt {args[0]} took more than {seconds:g} seconds") from None
        except BaseException:
            child.kill()
            raise
    if child.returncode != 0:
        raise _failure(str(args[0]), child.returncode, err)
    return json.loads(out)


def _failure(command: str, code: int, err: str) -> CommandError:
    """The error that the last line of standard error tells."""
    last = err.strip().rpartition("\n")[2]
    try:
        told = json.loads(last)
        return CommandError(told["error"], code, told.get("bad"))
    except (ValueError, KeyError, TypeError):
        ended = f"ended by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        return CommandError(f"smt {command}: {ended}: {last or 'nothing on standard error'}", code)


_PR_SET_PDEATHSIG = 1  # prctl(2)
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None  # before any fork


def _die_with_parent() -> None:
    """Has the kernel end the command with the thread that waits for it: a worker of a node that is lost."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
