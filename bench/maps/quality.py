"""Compares the layout of smt map with those of openTSNE and umap-learn, of the same embeddings.

    smt embed MODEL DATA -o rows.npy --split train
    smt index MODEL DATA -o images.index --split train
    smt map images.index -o map.html --csv map.csv
    python bench/maps/quality.py rows.npy map.csv

needs numpy, openTSNE and umap-learn from PyPI. The rows of both files are of the same images, in one order.
For a quarter of the images it measures how trustworthy their 15 neighbours in the plane are (Venna and Kaski 2001), and
which part of their 10 nearest embeddings is among their 10 nearest in the plane.
"""
import csv
import sys

import numpy as np
import umap
from openTSNE import TSNE

rows = np.load(sys.argv[1]).astype(np.float32)
rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
with open(sys.argv[2], newline="") as f:
    ours = np.array([[float(r["x"]), float(r["y"])] for r in csv.DictReader(f)])
n = len(rows)
assert len(ours) == n, f"{len(ours)} images in the table, {n} embeddings"
some = np.arange(0, n, 4)

cosines = rows[some] @ rows.T
cosines[np.arange(len(some)), some] = -2
order = np.argsort(-cosines, axis=1)
rank = np.empty_like(order)
np.put_along_axis(rank, order, np.arange(n)[None].repeat(len(some), 0), axis=1)


def quality(y, k=15, kept=10):
    d = ((y[some] ** 2).sum(1)[:, None] + (y ** 2).sum(1)[None] - 2 * y[some] @ y.T)
    d[np.arange(len(some)), some] = np.inf
    found = np.take_along_axis(rank, np.argsort(d, axis=1)[:, :k], axis=1)
    trust = 1 - 2 / (len(some) * k * (2 * n - 3 * k - 1)) * np.maximum(0, found - k + 1).sum()
    return f"trustworthiness {trust:.4f}, neighbours kept {(found[:, :kept] < kept).mean():.4f}"


print("smt     ", quality(ours))
print("openTSNE", quality(np.array(TSNE(metric="cosine", n_jobs=1, random_state=1, negative_gradient_method="bh").fit(rows))))
print("umap    ", quality(umap.UMAP(metric="cosine", random_state=1).fit_transform(rows)))
