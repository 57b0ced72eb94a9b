"""Dictionary learning for L1 codes: scikit-learn's MiniBatchDictionaryLearning."""

import minibatch
import numpy as np
from harness import load, save, serve

x, alpha = load("x").astype(np.float64), float(load("lambda")[0])
atoms, batch, passes = (int(n) for n in load("sizes"))
learned = None


def run():
    global learned
    learned = minibatch.learn(x, alpha, atoms, batch, passes)


serve(run, lambda: save("atoms", learned), note=minibatch.note)
