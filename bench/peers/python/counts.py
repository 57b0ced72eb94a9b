"""How many patches have both of two atoms: A^T A of the 0/1 matrix of codes."""

import numpy as np
import scipy.sparse
from harness import load, save, serve

start, atom = load("start"), load("atom").astype(np.int32)
images, atoms = load("sizes")
patches = (len(start) - 1) // images
total = np.zeros((atoms, atoms), np.int32)

# Images a product is made of. Making a product dense and adding it takes half a
# second; fewer images a product are not faster by as much, and more need memory.
BATCH = 1000


def matrix(first):
    """The codes of a batch of images, a patch a row."""
    at = start[first * patches : min(first + BATCH, images) * patches + 1]
    index = atom[at[0] : at[-1]]
    ones = np.ones(len(index), np.int32)
    return scipy.sparse.csr_array((ones, index, (at - at[0]).astype(np.int32)), shape=(len(at) - 1, atoms))


batches = [matrix(first) for first in range(0, images, BATCH)]


def run():
    total.fill(0)
    for a in batches:
        total[...] += (a.T @ a).toarray()


serve(run, lambda: save("v", total), note=f"in batches of {BATCH} images")
