"""What all peers share: arrays in a folder, and commands a line each.

A script is started with that folder as its argument. It loads its arrays, calls
serve, and is then told "run", which it answers with the seconds that took, and
at last "answer", upon which it saves what the last run computed.
"""

import json
import os
import sys
import time

import numpy as np

FOLDER = sys.argv[1] if len(sys.argv) > 1 else "."


def load(name):
    return np.load(os.path.join(FOLDER, name + ".npy"))


def save(name, array):
    np.save(os.path.join(FOLDER, name + ".npy"), np.ascontiguousarray(array))


def say(**message):
    print(json.dumps(message), flush=True)


def seconds(function, *arguments):
    began = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - began


def serve(run, answer, note=""):
    say(note=note)
    for line in sys.stdin:
        if line.strip() == "run":
            say(seconds=seconds(run))
        else:
            answer()
            say()
