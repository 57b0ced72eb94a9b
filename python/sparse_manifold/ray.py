"""Fits and embeds in parts, as Ray tasks around the commands of smt.

DATA and the outputs are paths that all nodes see. Statistics go from task to task as files, of one machine or of a
folder that all nodes see, or else as objects of Ray's store; none passes through the driver.
"""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import ray

from .command import CommandError, DeadlineError, run, version

log = logging.getLogger(__name__)

MOST_MERGED = 4  # files that a task of the reduction takes


@dataclass
class Report:
    """What a fit or an embedding came to."""

    report: dict[str, Any]  # of smt solve; of an embedding, rows and values
    parts: list[dict[str, Any]]  # the report of each part
    moved: int  # bytes of encoder and statistics that tasks were given
    tasks: dict[str, int] = field(default_factory=dict)  # how many there were of each command


def fit(
    data: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    parts: int,
    flags: Sequence[str] = (),
    stats_flags: Sequence[str] = (),
    shared: str | os.PathLike[str] | None = None,
    cpus: int = 1,
    retries: int = 3,
    seconds: float | None = None,
) -> Report:
    """Writes to `out` the model that `smt fit DATA FLAGS -o out` writes, counted in so many parts.

    `flags` are those of smt encoder, `stats_flags` those of smt stats: what of DATA is read, as --holdout. `shared` is
    a folder that all nodes see, for statistics; without it, and of several nodes, they are objects of Ray. A task has
    so many `cpus`. One that is lost with its node, or takes more than `seconds`, is begun again, `retries` times at the
    most. CommandError is what a command says is wrong: it is not tried again.
    """
    _start()
    with _Place.choose(shared) as place:
        task = _Tasks(place, cpus, retries, seconds, version())
        data, out = os.path.abspath(data), os.path.abspath(out)
        encoder = task("encoder", "encoder", ["encoder", data, *flags])
        reports, level = [], []
        for i in range(1, parts + 1):
            part = task(f"stats {i}/{parts}", "stats", ["stats", encoder, data, "--part", f"{i}/{parts}", *stats_flags])
            level.append(part)
            reports.append(part.report)
        depth = 0
        while len(level) > 1:
            depth += 1
            groups = [level[i : i + MOST_MERGED] for i in range(0, len(level), MOST_MERGED)]
            level = [
                group[0] if len(group) == 1 else task(f"merge {depth}.{i + 1}", "merge", ["merge", *group])
                for i, group in enumerate(groups)
            ]
        solved = task("solve", "solve", ["solve", encoder, level[0]], out)
        report, *told = task.get([solved.report, *reports])
        return Report({**report, "model": out}, told, task.moved(), task.counts)


def embed(
    model: str | os.PathLike[str],
    data: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    parts: int,
    flags: Sequence[str] = (),
    cpus: int = 1,
    retries: int = 3,
    seconds: float | None = None,
) -> Report:
    """Writes the embeddings of DATA to the folder `out`, in so many parts, as `smt embed --part` does.

    A part that is made again replaces itself. `flags` are those of smt embed. All else is as fit has it.
    """
    _start()
    with _Place.choose(None) as place:
        task = _Tasks(place, cpus, retries, seconds, version())
        model, data, out = os.path.abspath(model), os.path.abspath(data), os.path.abspath(out)
        made = [
            task(f"embed {i}/{parts}", "embed", ["embed", model, data, "--part", f"{i}/{parts}", *flags], out).report
            for i in range(1, parts + 1)
        ]
        told = task.get(made)
        rows = sum(part["shape"][0] for part in told)
        return Report({"out": out, "shape": [rows, told[0]["shape"][1]]}, told, 0, task.counts)


def _start() -> None:
    if not ray.is_initialized():
        ray.init(logging_level=logging.WARNING)


@dataclass
class _File:
    """A file that a task makes: where it is, or its bytes; and the report of the command."""

    at: Any
    report: Any
    size: Any
    given: list[_File]  # the files that the task is given

    def at_work(self) -> bool:
        """Whether the task has what it is given, and has not ended."""
        if ray.wait([self.size], timeout=0)[0]:
            return False
        try:
            ray.get([file.size for file in self.given], timeout=0)
        except ray.exceptions.RayError:
            return False
        return True


class _Place:
    """Where files of tasks are: in a folder of all nodes, or in objects of Ray (folder is None)."""

    def __init__(self, folder: str | None):
        self.folder = folder

    @classmethod
    def choose(cls, shared: str | os.PathLike[str] | None) -> _Place:
        if shared is not None:
            folder = Path(shared) / f"smt-{uuid.uuid4().hex}"
            folder.mkdir()
            return cls(str(folder))
        if sum(node["Alive"] for node in ray.nodes()) == 1:
            return cls(tempfile.mkdtemp(prefix="smt-"))
        return cls(None)

    def __enter__(self) -> _Place:
        return self

    def __exit__(self, *_: object) -> None:
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)  # a task that was ended may still write


class _Tasks:
    """Makes tasks of commands."""

    def __init__(self, place: _Place, cpus: int, retries: int, seconds: float | None, software: str):
        self.place, self.cpus, self.seconds, self.software = place, cpus, seconds, software
        self.counts: dict[str, int] = {}
        self.made: list[_File] = []
        options = {"num_cpus": cpus, "num_returns": 3, "max_retries": retries, "retry_exceptions": [DeadlineError]}
        self.remote = ray.remote(**options)(_command)

    def __call__(self, name: str, kind: str, args: list[Any], out: str | None = None) -> _File:
        """A task of a command. Arguments may be files of others; it writes to `out`, or else to a file of its own."""
        self.counts[kind] = self.counts.get(kind, 0) + 1
        plain = [None if isinstance(a, _File) else a for a in [*args, "--workers", str(self.cpus)]]
        given = [a for a in args if isinstance(a, _File)]
        at, size, report = self.remote.options(name=name).remote(
            self.place.folder, self.software, self.seconds, plain, out, *[file.at for file in given]
        )
        self.made.append(_File(at, report, size, given))
        return self.made[-1]

    def get(self, reports: list[Any]) -> list[dict[str, Any]]:
        """Reports of tasks. A failure ends those that are still at work."""
        try:
            return ray.get(reports)
        except BaseException as failure:
            # One that waits for another fails with it. To cancel it at that moment ends the driver (seen in Ray 2.60:
            # "Tried to complete task that was not pending").
            for task in self.made:
                if task.at_work():
                    ray.cancel(task.report, force=False, recursive=True)
            if isinstance(failure, ray.exceptions.RayTaskError):
                raise failure.cause from None
            raise

    def moved(self) -> int:
        """How many bytes of files tasks were given."""
        return sum(ray.get([file.size for task in self.made for file in task.given]))


def _command(
    folder: str | None, software: str, seconds: float | None, plain: list[str | None], out: str | None, *given: Any
) -> tuple[Any, int, dict[str, Any]]:
    """Runs a command with files of other tasks on a worker: its file, the size of it and its report."""
    if (here := version()) != software:
        raise CommandError(f"smt on {os.uname().nodename} is of version {here}: want {software}, as the driver has")
    with tempfile.TemporaryDirectory(prefix="smt-") as own:
        files = iter(given)
        args, k = [], 0
        for arg in plain:
            if arg is None:
                file = next(files)
                if not isinstance(file, str):  # the bytes of it
                    path = Path(own) / f"{k}.smt"
                    file.tofile(path)
                    file, k = str(path), k + 1
                arg = file
            args.append(arg)
        path = out or str(Path(folder or own) / f"{uuid.uuid4().hex}.smt")
        log.info("smt %s", " ".join(args))
        report = run(*args, "-o", path, seconds=seconds)
        if out is not None:
            return None, 0, report
        size = os.path.getsize(path)
        return (path if folder else np.fromfile(path, dtype=np.uint8)), size, report
