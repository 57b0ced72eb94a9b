"""On a cluster of three raylets, one core each, and a head that only schedules."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import ray
from conftest import FLAGS, Hold, script
from ray.cluster_utils import Cluster

from sparse_manifold import CommandError, run
from sparse_manifold import ray as smt_ray


class Nodes:
    """A cluster whose nodes can be lost, and whose smt can be another program."""

    def __init__(self, folder: Path, n: int):
        self.smt = os.environ["SMT_BINARY"]
        self.program = folder / "smt"
        self.restore()
        self.cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
        for _ in range(n):
            self.add()
        ray.init(address=self.cluster.address, log_to_driver=False)

    def add(self) -> None:
        os.environ["SMT_BINARY"] = str(self.program)  # which a raylet hands on to tasks
        self.cluster.add_node(num_cpus=1, object_store_memory=200 * 1024 * 1024)
        os.environ["SMT_BINARY"] = self.smt  # of the driver
        self.cluster.wait_for_nodes()

    def run_instead(self, text: str) -> None:
        """Makes a shell script what tasks call."""
        script(self.program, text)

    def restore(self) -> None:
        self.run_instead(f'exec {self.smt} "$@"')

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


# One cluster for all tests: Ray ends a process that still asks a cluster which was shut down a minute ago.
@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    nodes = Nodes(tmp_path_factory.mktemp("program"), 3)
    yield nodes
    ray.shutdown()
    nodes.cluster.shutdown()


@pytest.fixture
def nodes(cluster: Nodes) -> Iterator[Nodes]:
    """The cluster; what a test puts in the place of smt is undone."""
    yield cluster
    cluster.restore()


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
def test_a_node_is_lost(command: str, nodes: Nodes, data: str, whole: Path, tmp_path: Path) -> None:
    (tmp_path / "hold").mkdir()
    hold = Hold(tmp_path / "hold", command)
    nodes.run_instead(hold.text)
    fit = ray.remote(num_cpus=0)(lambda: smt_ray.fit(data, tmp_path / "model", parts=5, flags=FLAGS).report)
    told = fit.remote()
    while not hold.pid.exists():
        ready, _ = ray.wait([told], timeout=0.1)
        assert not ready, "the fit ended before the command began"
    nodes.lose_the_one_of(int(hold.pid.read_text()))
    ray.get(told)
    assert not hold.go.exists()  # the one that was held never went on
    assert (tmp_path / "model").read_bytes() == whole.read_bytes()
    nodes.add()


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


def test_many_failures_end_no_driver(nodes: Nodes, data: str, tmp_path: Path) -> None:
    """To cancel a task that just fails ended the process, one time in ten."""
    for command in 40 * ["encoder"] + 20 * ["stats"]:
        nodes.run_instead(f'[ "$1" = {command} ] && echo broken >&2 && exit 1\nexec {nodes.smt} "$@"')
        with pytest.raises(CommandError, match="broken"):
            smt_ray.fit(data, tmp_path / "x", parts=6, flags=FLAGS)


def test_a_worker_of_another_version(nodes: Nodes, data: str, tmp_path: Path) -> None:
    nodes.run_instead("""echo '{"version": "9.9.9"}'""")
    with pytest.raises(CommandError, match=r"is of version 9\.9\.9: want 0\.1\.0, as the driver has"):
        smt_ray.fit(data, tmp_path / "x", parts=2, flags=FLAGS)


def test_a_full_disk_on_a_node(nodes: Nodes, data: str, tmp_path: Path) -> None:
    """A limit on the size of files stands in for the disk, of one command on any node."""
    nodes.run_instead(f'[ "$1" = stats ] && ulimit -f 20\nexec {nodes.smt} "$@"')
    with pytest.raises(CommandError, match=r"file too large|on disk"):
        smt_ray.fit(data, tmp_path / "x", parts=2, flags=FLAGS)


def test_a_task_that_takes_too_long_is_begun_again(nodes: Nodes, data: str, whole: Path, tmp_path: Path) -> None:
    (tmp_path / "hold").mkdir()
    nodes.run_instead(Hold(tmp_path / "hold", "merge").text)
    began = time.monotonic()
    smt_ray.fit(data, tmp_path / "model", parts=2, flags=FLAGS, seconds=30)
    assert time.monotonic() - began > 30, "nothing was held"
    assert (tmp_path / "model").read_bytes() == whole.read_bytes()


def test_without_a_cluster(data: str, whole: Path, tmp_path: Path) -> None:
    program = f"""
from sparse_manifold import ray
ray.fit({str(data)!r}, {str(tmp_path / "model")!r}, parts=3, flags={FLAGS!r})
"""
    subprocess.run([sys.executable, "-c", program], check=True)
    assert (tmp_path / "model").read_bytes() == whole.read_bytes()
