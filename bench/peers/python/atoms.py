"""Dictionary learning for L1 codes: scikit-learn's MiniBatchDictionaryLearning."""

import numpy as np
import sklearn
from harness import load, save, serve
from sklearn.decomposition import MiniBatchDictionaryLearning
from threadpoolctl import threadpool_limits

# In float32 its coordinate descent does not come to its tolerance, and takes longer.
x, alpha = load("x").astype(np.float64), float(load("lambda")[0])
atoms, batch, passes = (int(n) for n in load("sizes"))
learned = None


def run():
    global learned
    # Coordinate descent is faster here than the default, LARS, and n_jobs, which starts
    # processes for each batch, makes it slower. So do threads of BLAS: products are small, and on
    # cores that others use too threads wait for each other. No early stop: both sides take all passes.
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


serve(run, lambda: save("atoms", learned.components_.astype(np.float32)), note=sklearn.__version__ + ", fit_algorithm cd, float64, 1 thread")
