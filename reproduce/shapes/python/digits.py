"""Writes the digits that scikit-learn carries to FILE: 1,797 rows of 64 values."""

import sys

import numpy as np
from sklearn.datasets import load_digits

np.save(sys.argv[1], load_digits().data.astype(np.float32))
