"""Learns atoms by scikit-learn: atoms.py FOLDER UNITS DIM ATOMS LAMBDA BATCH PASSES.

Reads FOLDER/units.f32, writes FOLDER/sklearn.f32 and says what it did.
"""

import json
import sys
import time

import minibatch
import numpy as np

folder = sys.argv[1]
units, dim, atoms = (int(n) for n in sys.argv[2:5])
alpha = float(sys.argv[5])
batch, passes = (int(n) for n in sys.argv[6:8])

x = np.fromfile(folder + "/units.f32", dtype="<f4").reshape(units, dim).astype(np.float64)
began = time.perf_counter()
learned = minibatch.learn(x, alpha, atoms, batch, passes)
seconds = time.perf_counter() - began
learned.astype("<f4").tofile(folder + "/sklearn.f32")
print(json.dumps({"note": minibatch.note}))
print(json.dumps({"name": "scikit-learn", "seconds": seconds}))
