"""Drives smt, the Sparse Manifold Transform. `sparse_manifold.ray` does so on a Ray cluster."""

from .command import CommandError, DeadlineError, binary, run, version

__all__ = ["CommandError", "DeadlineError", "binary", "run", "version"]
