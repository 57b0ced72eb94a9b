"""Slow feature analysis by sklearn-sfa of the frames that smt learns from.

The first argument is a folder with task.json and, of each split, the pixels of its frames, a byte each, in
SPLIT.u8. Of each method a line is said, and SPLIT.METHOD.f32 is what it makes of the frames.
"""

import json
import os
import sys
import time
import warnings

import numpy as np
import sklearn
import sksfa
from importlib.metadata import version
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures

warnings.filterwarnings("ignore")
folder = sys.argv[1]
with open(os.path.join(folder, "task.json")) as f:
    task = json.load(f)


def frames(split):
    pixels = np.fromfile(os.path.join(folder, split + ".u8"), np.uint8)
    return pixels.reshape(-1, task["pixels"]).astype(np.float32) / 255


def slow(n):
    # Time series are clips; without a length, all frames are one. Its partial way sums covariances within clips
    # and solves one eigenproblem: what its other way takes minutes for.
    return sksfa.SFA(n, batch_size=task["clip"] or None, random_state=1)


train, held = frames("train"), frames("held")
print(json.dumps({"note": f"sklearn-sfa {version('sklearn-sfa')}, scikit-learn {sklearn.__version__}"}), flush=True)
for name in task["methods"]:
    # Components of more than are kept are noise, and squares of them are many.
    linear = PCA(task["linear"], random_state=1)
    squares = make_pipeline(PCA(task["quadratic"], random_state=1), PolynomialFeatures(2, include_bias=False))
    began = time.perf_counter()
    first = {"linear": linear, "quadratic": squares}[name]
    features = first.fit_transform(train).astype(np.float64)
    dims = min(task["dims"], features.shape[1])
    model = slow(dims).partial(features)
    found = {"train": model.transform(features)}  # solves it
    seconds = time.perf_counter() - began
    found["held"] = model.transform(first.transform(held).astype(np.float64))
    for split, rows in found.items():
        np.ascontiguousarray(rows, np.float32).tofile(os.path.join(folder, f"{split}.{name}.f32"))
    print(json.dumps({"name": name, "dims": dims, "seconds": seconds}), flush=True)
