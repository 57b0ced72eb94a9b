"""Neighbours of pixels, and of their principal components: numpy, scikit-learn and faiss.

Arguments: the folder of CIFAR-10, how many training images are held out and judged on (0: the
test images are), and how many images the bank has (0: all). A line for each way.
"""

import json
import os
import sys
import time

import faiss
import numpy as np
from sklearn.decomposition import PCA

FOLDER, HELD, BANK = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
K, TEMPERATURE = 30, 0.03


def read(*names):
    raw = np.concatenate([np.fromfile(os.path.join(FOLDER, n), np.uint8).reshape(-1, 3073) for n in names])
    return raw[:, 1:].astype(np.float32), raw[:, 0]


def unit(x):
    return np.ascontiguousarray(x / np.maximum(1e-12, np.linalg.norm(x, axis=1, keepdims=True)))


def flipped(x):
    return x.reshape(-1, 3, 32, 32)[:, :, :, ::-1].reshape(-1, 3072)


def accuracy(bank, labels, queries, truth):
    """The paper's vote: the K nearest, each with the weight exp(cosine / TEMPERATURE)."""
    index = faiss.IndexFlatIP(bank.shape[1])
    index.add(bank)
    cosines, near = index.search(queries, K)
    weights = np.exp((cosines - 1) / TEMPERATURE)
    votes = np.zeros((len(queries), 10))
    for c in range(10):
        votes[:, c] = (weights * (labels[near] == c)).sum(1)
    return float((votes.argmax(1) == truth).mean())


def centred(x):
    return unit(x - x.mean(1, keepdims=True))


def whitened(x, bank):
    pca = PCA(n_components=min(COMPONENTS, len(bank)), whiten=True, svd_solver="randomized", random_state=1).fit(bank)
    return [unit(pca.transform(v).astype(np.float32)) for v in x]


COMPONENTS = 128


def main():
    images, labels = read(*(f"data_batch_{i}.bin" for i in range(1, 6)))
    if HELD:
        held = np.random.default_rng(1).permutation(len(images)) < HELD
        images, labels, queries, truth = images[~held], labels[~held], images[held], labels[held]
    else:
        queries, truth = read("test_batch.bin")
    if BANK:
        images, labels = images[:BANK], labels[:BANK]
    both, twice = np.concatenate([images, flipped(images)]), np.concatenate([labels, labels])
    for name, way in {
        "pixels": lambda: (centred(both), centred(queries)),
        "components of pixels": lambda: whitened((both, queries), images),
    }.items():
        began = time.perf_counter()
        bank, asked = way()
        top1 = accuracy(bank, twice, asked, truth)
        print(json.dumps({"name": name, "peer": True, "seconds": time.perf_counter() - began, "top1": top1}), flush=True)


main()
