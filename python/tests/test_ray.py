"""On a cluster of three raylets, one core each, and a head that only schedules."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import ray
from conftest import FLAGS, Hold
from ray.cluster_utils import Cluster

from sparse_manifold import CommandError, run
from sparse_manifold import ray as smt_ray


class Nodes:
    """A cluster whose nodes can be lost."""

    def __init__(self, smt: str, n: int):
        os.environ["SMT_BINARY"] = smt  # which raylets hand on
        self.cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
        for _ in range(n):
            self.add()
        self.cluster.wait_for_nodes()
        ray.init(address=self.cluster.address, log_to_driver=False)

    def add(self) -> Any:
        return self.cluster.add_node(num_cpus=1, object_store_memory=200 * 1024 * 1024)

    def lose_the_one_of(self, pid: int) -> None:
        """Ends the node that a process is on, as a power cut does."""
        above = set()
        while pid > 1:
            above.add(pid)
            pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        for node in list(self.cluster.worker_nodes):
            raylets = {p.process.pid for p in node.all_processes["raylet"]}
            if raylets & above:
                self.cluster.remove_node(node, allow_graceful=False)
                return
        raise AssertionError("the process is on no node")

    def close(self) -> None:
        ray.shutdown()
        self.cluster.shutdown()


@pytest.fixture
def smt() -> Iterator[str]:
    """The program; what a test puts in its place is undone."""
    before = os.environ["SMT_BINARY"]
    yield before
    os.environ["SMT_BINARY"] = before


@pytest.fixture
def nodes(smt: str) -> Iterator[Nodes]:
    n = Nodes(smt, 3)
    yield n
    n.close()


def test_any_number_of_parts_makes_the_model_of_one_fit(nodes: Nodes, data: str, whole: Path, tmp_path: Path) -> None:
    for parts, merges in ((1, 0), (3, 1), (16, 5)):
        for shared in (None, tmp_path):
            out = tmp_path / "model.safetensors"
            report = smt_ray.fit(data, out, parts=parts, flags=FLAGS, shared=shared)
            assert out.read_bytes() == whole.read_bytes(), f"{parts} parts, shared {shared}"
            assert report.tasks.get("merge", 0) == merges
            assert sum(part["images"] for part in report.parts) == report.report["fit_images"]
            assert report.moved > 0
            assert [p.name for p in tmp_path.iterdir()] == ["model.safetensors"], "files are left"


def test_parts_of_embeddings_are_the_rows_of_one(nodes: Nodes, data: str, whole: Path, tmp_path: Path) -> None:
    run("embed", whole, data, "-o", tmp_path / "all.npy", "--ids", tmp_path / "all.json")
    report = smt_ray.embed(whole, data, tmp_path / "parts", parts=5)
    files = sorted((tmp_path / "parts").glob("*.npy"))
    rows = np.concatenate([np.load(f) for f in files if not f.name.endswith(".labels.npy")])
    assert np.array_equal(rows, np.load(tmp_path / "all.npy"))
    assert report.report["shape"] == list(rows.shape)
    ids = [name for f in sorted((tmp_path / "parts").glob("*.ids.json")) for name in json.loads(f.read_text())]
    assert ids == json.loads((tmp_path / "all.json").read_text())


@pytest.mark.parametrize("command", ["stats", "merge", "solve"])
def test_a_node_is_lost(command: str, smt: str, data: str, whole: Path, tmp_path: Path) -> None:
    (tmp_path / "hold").mkdir()
    hold = Hold(tmp_path / "hold", command)
    nodes = Nodes(str(hold.path), 3)
    try:
        fit = ray.remote(num_cpus=0)(lambda: smt_ray.fit(data, tmp_path / "model", parts=5, flags=FLAGS).report)
        told = fit.remote()
        while not hold.pid.exists():
            ready, _ = ray.wait([told], timeout=0.1)
            assert not ready, "the fit ended before the command began"
        nodes.lose_the_one_of(int(hold.pid.read_text()))
        ray.get(told)
        assert not hold.go.exists()  # the one that was held never went on
        assert (tmp_path / "model").read_bytes() == whole.read_bytes()
    finally:
        nodes.close()


def test_errors_name_what_is_wrong(nodes: Nodes, data: str, tmp_path: Path) -> None:
    images = tmp_path / "images"
    images.mkdir()
    for i in range(3):
        (images / f"{i}.png").write_bytes(b"no image")
    with pytest.raises(CommandError, match=r"0\.png"):
        smt_ray.fit(images, tmp_path / "x", parts=2, flags=FLAGS)
    with pytest.raises(CommandError, match="no such file"):
        smt_ray.fit(tmp_path / "none", tmp_path / "x", parts=2, flags=FLAGS)
    with pytest.raises(CommandError, match="no-such-flag"):
        smt_ray.fit(data, tmp_path / "x", parts=2, flags=["--no-such-flag"])
    assert not (tmp_path / "x").exists()


def test_a_worker_of_another_version(smt: str, data: str, tmp_path: Path) -> None:
    other = tmp_path / "smt"
    other.write_text('#!/bin/sh\necho \'{"version": "9.9.9"}\'\n')
    other.chmod(0o755)
    nodes = Nodes(str(other), 1)
    try:
        os.environ["SMT_BINARY"] = smt  # of the driver
        with pytest.raises(CommandError, match=r"is of version 9\.9\.9: want 0\.1\.0, as the driver has"):
            smt_ray.fit(data, tmp_path / "x", parts=2, flags=FLAGS)
    finally:
        nodes.close()


def test_a_full_disk_on_a_node(smt: str, data: str, tmp_path: Path) -> None:
    """A limit on the size of files stands in for the disk, of one command on any node."""
    small = tmp_path / "smt"
    small.write_text(f'#!/bin/sh\n[ "$1" = stats ] && ulimit -f 20\nexec {smt} "$@"\n')
    small.chmod(0o755)
    nodes = Nodes(str(small), 2)
    try:
        with pytest.raises(CommandError, match=r"file too large|on disk"):
            smt_ray.fit(data, tmp_path / "x", parts=2, flags=FLAGS)
    finally:
        nodes.close()


def test_a_task_that_takes_too_long_is_begun_again(smt: str, data: str, whole: Path, tmp_path: Path) -> None:
    (tmp_path / "hold").mkdir()
    hold = Hold(tmp_path / "hold", "merge")
    nodes = Nodes(str(hold.path), 2)
    try:
        began = time.monotonic()
        smt_ray.fit(data, tmp_path / "model", parts=2, flags=FLAGS, seconds=30)
        assert time.monotonic() - began > 30, "nothing was held"
        assert (tmp_path / "model").read_bytes() == whole.read_bytes()
    finally:
        nodes.close()


def test_without_a_cluster(smt: str, data: str, whole: Path, tmp_path: Path) -> None:
    ray.init(num_cpus=2, log_to_driver=False)
    try:
        smt_ray.fit(data, tmp_path / "model", parts=3, flags=FLAGS)
        assert (tmp_path / "model").read_bytes() == whole.read_bytes()
    finally:
        ray.shutdown()
