"""Makes a folder of photographs, some of which are copies, and tells which.

    copies.py FOLDER OUT EACH LIMIT SEED

FOLDER has photographs, with or without sub-folders, or the training images of CIFAR-10 or CIFAR-100 in its binary form; LIMIT of them, all for 0, are
written to OUT/items. EACH copies of each
kind are added, each of another photograph. OUT/truth.csv has a line an item: its id, the kind of copy, and the id
that it is a copy of. What is random hangs on SEED.
"""

import csv
import io
import random
import sys
from pathlib import Path

from PIL import Image, ImageDraw, ImageEnhance, ImageOps


def jpeg(quality):
    def make(image, _):
        data = io.BytesIO()
        image.save(data, "JPEG", quality=quality)
        return Image.open(io.BytesIO(data.getvalue())).convert("RGB")

    return make


def resize(share):
    def make(image, _):
        return image.resize([max(1, round(edge * share)) for edge in image.size], Image.BICUBIC)

    return make


def crop(share):
    """Takes so much of width and height away, at random sides, and keeps the size."""

    def make(image, rng):
        width, height = image.size
        w, h = round(width * (1 - share)), round(height * (1 - share))
        x, y = rng.randint(0, width - w), rng.randint(0, height - h)
        return image.crop((x, y, x + w, y + h)).resize(image.size, Image.BICUBIC)

    return make


def bright(factor):
    return lambda image, _: ImageEnhance.Brightness(image).enhance(factor)


def watermark(image, rng):
    """A band of half-transparent letters over a fifth of the height."""
    width, height = image.size
    band = Image.new("RGBA", (64, 12), (0, 0, 0, 0))
    ImageDraw.Draw(band).text((4, 0), "SAMPLE 21", fill=(255, 255, 255, 160))
    band = band.resize((width, max(4, height // 5)), Image.BICUBIC)
    marked = image.convert("RGBA")
    marked.alpha_composite(band, (0, rng.randint(0, height - band.height)))
    return marked.convert("RGB")


KINDS = {
    "jpeg 75": jpeg(75),
    "jpeg 40": jpeg(40),
    "jpeg 15": jpeg(15),
    "half size": resize(0.5),
    "double size": resize(2),
    "crop 5 %": crop(0.05),
    "crop 10 %": crop(0.10),
    "crop 20 %": crop(0.20),
    "flip": lambda image, _: ImageOps.mirror(image),
    "darker": bright(0.7),
    "brighter": bright(1.3),
    "watermark": watermark,
}


def photographs(folder):
    """What gives each photograph of a folder, in the order of their names."""
    every = [lambda path=path: Image.open(path).convert("RGB") for path in sorted(folder.rglob("*")) if path.suffix.lower() in (".jpg", ".jpeg", ".png")]
    for pattern, labels in (("data_batch_*.bin", 1), ("train.bin", 2)):
        for path in sorted(folder.glob(pattern)):
            every += cifar(path.read_bytes(), labels)
    return every


def cifar(data, labels):
    """Images of 32 x 32 pixels, each after so many bytes of labels, red, green and blue one after the other."""
    side = 32
    starts = range(labels, len(data), labels + 3 * side * side)
    planes = lambda at: [Image.frombytes("L", (side, side), data[at + c * side * side : at + (c + 1) * side * side]) for c in range(3)]
    return [lambda at=at: Image.merge("RGB", planes(at)) for at in starts]


def main():
    folder, out = Path(sys.argv[1]), Path(sys.argv[2])
    each, limit, seed = (int(a) for a in sys.argv[3:])
    rng = random.Random(seed)
    files = photographs(folder)
    if limit:
        files = [files[i] for i in sorted(rng.sample(range(len(files)), min(limit, len(files))))]
    if len(files) < each * len(KINDS):
        sys.exit(f"{folder} has {len(files)} photographs: want {each * len(KINDS)} or more, of which copies are made")
    items = out / "items"
    items.mkdir(parents=True)
    originals = rng.sample(range(len(files)), each * len(KINDS))
    rows, serial = [], 0
    names = {}
    for i, photograph in enumerate(files):
        names[i] = f"{i:05}.png"
        photograph().save(items / names[i])
        rows.append((names[i], "photograph", names[i]))
    for kind, make in KINDS.items():
        for _ in range(each):
            of = originals[serial]
            name = f"{len(files) + serial:05}.png"
            make(Image.open(items / names[of]), rng).save(items / name)
            rows.append((name, kind, names[of]))
            serial += 1
    with open(out / "truth.csv", "w", newline="") as f:
        csv.writer(f).writerows([("id", "kind", "of"), *rows])


main()
