"""Says which versions and kernels the peers have."""

import platform

import faiss
import numpy as np
import scipy.linalg
import threadpoolctl
from harness import say

scipy.linalg.eigh(np.eye(2))  # loads its own OpenBLAS

cores = []
for library in threadpoolctl.threadpool_info():
    if library["internal_api"] != "openblas":
        continue
    owner = next((o for o in ("numpy", "scipy", "faiss") if f"/{o}" in library["filepath"].split("site-packages")[-1]), "?")
    cores.append(f"{owner}: OpenBLAS {library['version']} {library['architecture']}, {library['num_threads']} threads")

say(
    note=f"Python {platform.python_version()}, numpy {np.__version__}, scipy {scipy.__version__}, "
    f"faiss {faiss.__version__} ({faiss.get_compile_options().strip()}, {faiss.omp_get_max_threads()} threads); "
    + "; ".join(sorted(cores))
)
