"""Learning a dictionary by scikit-learn's MiniBatchDictionaryLearning."""

import warnings

import numpy as np
import sklearn
from sklearn.decomposition import MiniBatchDictionaryLearning
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

note = f"scikit-learn {sklearn.__version__}, fit_algorithm cd, float64, 1 thread"


def learn(x, alpha, atoms, batch, passes):
    """Atoms of the rows of x, in float64: in float32 its coordinate descent does not come to its tolerance, and takes longer.

    Coordinate descent is faster here than the default, LARS, and n_jobs, which starts processes for each batch, makes it
    slower. So do threads of BLAS: products are small, and on cores that others use too threads wait for each other. No
    early stop: both sides take all passes.

    Where coordinate descent stops at its most steps short of its tolerance, for some patches of a batch, scikit-learn
    warns, once a batch, and learns on. That is not shown: the objective of the atoms that come out is what is compared.
    """
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
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
    return learned.components_.astype(np.float32)
