"""Learns atoms by scikit-learn's MiniBatchDictionaryLearning: atoms.py FOLDER UNITS DIM ATOMS LAMBDA BATCH PASSES.

Reads FOLDER/units.f32, writes FOLDER/sklearn.f32 and says what it did.
"""

import json
import sys
import time

import numpy as np
import sklearn
from sklearn.decomposition import MiniBatchDictionaryLearning
from threadpoolctl import threadpool_limits

folder = sys.argv[1]
units, dim, atoms = (int(n) for n in sys.argv[2:5])
alpha = float(sys.argv[5])
batch, passes = (int(n) for n in sys.argv[6:8])

# In float32 its coordinate descent does not come to its tolerance, and takes longer. Coordinate
# descent is faster here than the default, LARS, and n_jobs, which starts processes for each batch,
# makes it slower. So do threads of BLAS: products are small, and on cores that others use too
# threads wait for each other. No early stop: both sides take all passes.
x = np.fromfile(folder + "/units.f32", dtype="<f4").reshape(units, dim).astype(np.float64)
began = time.perf_counter()
with threadpool_limits(1):
    learned = MiniBatchDictionaryLearning(
        n_components=atoms,
        alpha=alpha,
        max_iter=passes,
        batch_size=batch,
        fit_algorithm="cd",
        tol=0,
        max_no_improvement=None,
        random_state=1,
    ).fit(x)
seconds = time.perf_counter() - began
learned.components_.astype("<f4").tofile(folder + "/sklearn.f32")
print(json.dumps({"note": f"scikit-learn {sklearn.__version__}, fit_algorithm cd, float64, 1 thread"}))
print(json.dumps({"name": "scikit-learn", "seconds": seconds}))
