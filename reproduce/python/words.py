"""Vectors of words by gensim's word2vec and by PPMI-SVD, of the lines of words in corpus.txt.

    words.py FOLDER MIN_COUNT EPOCHS WORKERS DIMS...

Copies the tests that gensim carries into FOLDER, trains, and says of each method, on a line of
JSON when it is done, its name, the seconds it took from the file to vectors, and the files that
have them: NAME.words, a word a line, and NAME.f32, float32 little-endian, a row a word.
"""

import collections
import json
import os
import shutil
import sys
import time

import gensim
import numpy as np
import scipy.sparse
import scipy.sparse.linalg
from gensim.models import Word2Vec
from gensim.models.word2vec import LineSentence
from gensim.test.utils import datapath

folder = sys.argv[1]
min_count, epochs, workers, *all_dims = map(int, sys.argv[2:])
corpus = os.path.join(folder, "corpus.txt")


def say(**message):
    print(json.dumps(message), flush=True)


def keep(file, words, vectors):
    with open(os.path.join(folder, file + ".words"), "w", encoding="utf-8") as f:
        f.writelines(word + "\n" for word in words)
    np.ascontiguousarray(vectors, "<f4").tofile(os.path.join(folder, file + ".f32"))


def word2vec(skip_gram, dims):
    began = time.perf_counter()
    model = Word2Vec(
        LineSentence(corpus), sg=skip_gram, vector_size=dims, window=5,
        min_count=min_count, epochs=epochs, workers=workers, seed=1,
    )
    return time.perf_counter() - began, model.wv.index_to_key, model.wv.vectors


def ppmi(window=5):
    """Positive pointwise mutual information of words at most so far apart, both sides alike."""
    counts, lines = collections.Counter(), []
    with open(corpus, encoding="utf-8") as f:
        for line in f:
            lines.append(line.split())
            counts.update(lines[-1])
    words = [word for word, n in counts.most_common() if n >= min_count]
    number = {word: i for i, word in enumerate(words)}
    gap = [-1] * window  # no window reaches from a line into the next
    line = np.array([n for words in lines for n in [number.get(word, -1) for word in words] + gap], np.int64)
    n = len(words)
    pairs = scipy.sparse.csr_array((n, n), dtype=np.float64)
    for steps in range(1, window + 1):
        left, right = line[:-steps], line[steps:]
        both = (left >= 0) & (right >= 0)
        ones = np.ones(both.sum())
        found = scipy.sparse.coo_array((ones, (left[both], right[both])), (n, n)).tocsr()
        pairs = pairs + found + found.T
    total, of_word = pairs.sum(), np.asarray(pairs.sum(axis=1)).ravel()
    pairs = pairs.tocoo()
    row, column = pairs.coords
    information = np.log(pairs.data * total / (of_word[row] * of_word[column]))
    some = information > 0
    return words, scipy.sparse.csr_array((information[some], (row[some], column[some])), (n, n))


def svd(dims):
    began = time.perf_counter()
    words, information = ppmi()
    u, s, _ = scipy.sparse.linalg.svds(information, k=min(dims, len(words) - 1), random_state=1)
    return time.perf_counter() - began, words, u, s


tests = ["wordsim353.tsv", "simlex999.txt", "questions-words.txt"]
for test in tests:
    shutil.copy(datapath(test), os.path.join(folder, test))
say(note=f"gensim {gensim.__version__}, numpy {np.__version__}, scipy {scipy.__version__}, {workers} workers", tests=tests)
for skip_gram, name in (1, "skip-gram"), (0, "CBOW"):
    for dims in all_dims:
        seconds, words, vectors = word2vec(skip_gram, dims)
        keep(f"{name}-{dims}", words, vectors)
        say(name=name, dims=dims, seconds=seconds, file=f"{name}-{dims}")
# Levy, Goldberg and Dagan (2015) weigh coordinates with a power of their singular values.
dims = max(all_dims)
seconds, words, u, s = svd(dims)
for power in 0, 0.5:
    keep(f"PPMI-SVD-{power}", words, u * s**power)
    say(name=f"PPMI-SVD, power {power:g}", dims=len(s), seconds=seconds, file=f"PPMI-SVD-{power}")
