"""Codes of patches: a product with the atoms, in blocks, compared with the threshold."""

import numpy as np
from harness import load, save, seconds, serve

x, atoms, threshold = load("x"), load("atoms"), load("threshold")[0]
active = np.empty((len(x), len(atoms)), bool)


def run(block, patches=len(x)):
    cosines = np.empty((block, len(atoms)), np.float32)
    for first in range(0, patches, block):
        part = x[first : min(first + block, patches)]
        out = cosines[: len(part)]
        np.matmul(part, atoms.T, out=out)
        np.greater_equal(out, threshold, out=active[first : first + len(part)])


# The block that is fastest here, on some of the patches. The cosines of the
# smaller ones fit a cache.
sizes = [256, 1024, 4096, 16384]
some = min(len(x), max(sizes))
block = min(sizes, key=lambda size: min(seconds(run, size, some) for _ in range(2)))

serve(
    lambda: run(block),
    lambda: save("active", np.packbits(active, axis=1, bitorder="little")),
    note=f"blocks of {block} patches",
)
