"""What the tests share: the program (SMT_BINARY), images (DATA, an IDX file of digits) and the model of one fit."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sparse_manifold import run

FLAGS = [
    "--preset",
    "mnist",
    "--atoms",
    "64",
    "--max-cosine",
    "0.95",
    "--dims",
    "8",
    "--skip",
    "0",
    "--components",
    "12",
]


@pytest.fixture(scope="session")
def data() -> str:
    return os.environ["DATA"]


@pytest.fixture(scope="session")
def whole(data: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model of one fit."""
    path = tmp_path_factory.mktemp("whole") / "model.safetensors"
    run("fit", data, "-o", path, *FLAGS)
    return path


def script(path: Path, text: str) -> Path:
    """Makes a program of a shell script, in the place of what was there."""
    new = path.with_suffix(".new")
    new.write_text(f"#!/bin/sh\n{text}\n")
    new.chmod(0o755)
    new.rename(path)
    return path


class Hold:
    """A program in the place of smt that waits in the first call of a command, until it is let go, and then is smt."""

    def __init__(self, folder: Path, command: str):
        self.held, self.go, self.pid = folder / "held", folder / "go", folder / "pid"
        self.text = f"""if [ "$1" = {command} ] && mkdir {self.held} 2> /dev/null; then
	echo $$ > {self.pid}.new && mv {self.pid}.new {self.pid}
	while ! [ -e {self.go} ]; do sleep 0.1; done
fi
exec {os.environ["SMT_BINARY"]} "$@"
"""
