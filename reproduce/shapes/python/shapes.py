"""Embeds the points of FILE in DIMS dimensions by each peer, and by Laplacian eigenmaps of
the graph of the NEIGHBOURS nearest, in MAPS dimensions; or by the PEER alone that is named. Says a line of JSON for each: its
name, its seconds and the file of its embeddings. What takes less than SHORT seconds is done TRIES times, and the least counts."""

import json
import os
import sys
import time
import warnings

import numpy as np
import scipy
import sklearn
import umap
from sklearn.manifold import Isomap, LocallyLinearEmbedding, SpectralEmbedding, trustworthiness
from sklearn.neighbors import kneighbors_graph

warnings.filterwarnings("ignore")
file, dims, maps, neighbours = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
tries, short, only = int(sys.argv[5]), float(sys.argv[6]), sys.argv[7:]
jobs = int(os.environ["OMP_NUM_THREADS"])
points = np.load(file)

if not only:
    # UMAP compiles itself when it is first used: that is not its time.
    umap.UMAP(n_components=dims).fit(np.random.default_rng(0).normal(size=(300, points.shape[1])).astype(np.float32))

print(json.dumps({"note": f"scikit-learn {sklearn.__version__}, umap-learn {umap.__version__}, scipy {scipy.__version__}, {jobs} threads"}), flush=True)
peers = {
    "SpectralEmbedding": SpectralEmbedding(dims, affinity="nearest_neighbors", n_neighbors=neighbours, random_state=1, n_jobs=jobs),
    "LLE": LocallyLinearEmbedding(n_neighbors=neighbours, n_components=dims, random_state=1, n_jobs=jobs),
    "Isomap": Isomap(n_neighbors=neighbours, n_components=dims, n_jobs=jobs),
    "UMAP": umap.UMAP(n_components=dims, n_jobs=jobs),
}
for name, peer in peers.items():
    if only and name not in only:
        continue
    seconds = None
    for _ in range(tries):
        began = time.perf_counter()
        embedded = peer.fit_transform(points)
        took = time.perf_counter() - began
        seconds = took if seconds is None else min(seconds, took)
        if seconds > short:
            break
    out = f"{file}.{name}.npy"
    np.save(out, np.ascontiguousarray(embedded, dtype=np.float32))
    print(json.dumps({"name": name, "seconds": seconds, "file": out}), flush=True)

if only:
    sys.exit()

graph = kneighbors_graph(points, neighbours, include_self=False)
graph = ((graph + graph.T) > 0).astype(np.float64)
out = f"{file}.eigenmaps.npy"
np.save(out, SpectralEmbedding(maps, affinity="precomputed", random_state=1).fit_transform(graph).astype(np.float32))
print(json.dumps({"name": "eigenmaps", "file": out}), flush=True)

# Our measure of a part is held against theirs.
some = min(len(points), 1000)
print(json.dumps({"name": "trustworthiness", "value": trustworthiness(points[:some], np.load(f"{file}.UMAP.npy")[:some], n_neighbors=10)}), flush=True)
