"""Makes a folder of photographs as a user has it, from pictures that packages of Debian and PyPI ship, and a table of what is what.

    python -m venv venv && venv/bin/pip install numpy==2.4.6 pillow==13.0.0 scikit-image==0.26.0 scikit-learn==1.9.1
    venv/bin/python docs/choice/sets/photos.py OUT [--copies N|all]

OUT/photos has an album for each kind of thing, which are the classes. Sizes are mixed, so are formats (JPEG, PNG, GIF, WebP, TIFF, BMP), and
a part of the JPEGs are turned by EXIF alone. Some files are copies of others: each of the ways below is done to N photographs (6), or to all of
them. Some are blank, dark, flat or blurred, some are unlike all others, some are broken, and some are no images.

OUT/photos.csv has a line for each file that is, or should be, an image:

    id      its path inside OUT/photos, with slashes
    kind    photo, copy, blank, dark, flat, blurred, odd or broken
    class   its album
    of      of a copy, the id of the photograph that it is made from; of a blurred or dark one too
    how     of a copy, the way: jpeg-30, resize-50, crop-10, flip, brighter, darker, watermark, …; of a broken one what is wrong

Two files show the same if they are of one photograph, or one is of the other. Two photographs that packages have both are taken once.
apt-get downloads the packages of Debian (bookworm); none is installed. What comes out is the same each time.
"""

import argparse
import csv
import io
import pathlib
import struct
import sys

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps
from skimage import data as skimage_data
from sklearn import datasets

from sets import unpacked

PACKAGES = ["gcompris-qt-data", "mate-backgrounds", "lomiri-wallpapers-16.04", "lomiri-wallpapers-20.04", "fonts-dejavu-core"]

# Albums, by where GCompris has their photographs. What else is in these folders is drawn.
ALBUMS = {
    "categorization/resource/images/fishes": "fish",
    "categorization/resource/images/monuments": "buildings",
    "categorization/resource/images/renewable": "Wind & water",
    "categorization/resource/images/tools": "tools",
    "categorization/resource/images/others": "at home",
    "explore_farm_animals/resource/animals": "animals",
    "explore_world_animals/resource/animals": "animals",
    "erase/resource": "animals",
    "explore_monuments/resource": "buildings",
}
NATURE = "Été 2019"  # the album of the wallpapers that are photographs, named as users name albums
LONGEST = 1600  # side of a photograph


def members(resource):
    """The files in a resource of Qt (.rcc): path and bytes, in its order."""
    version, tree, data, names = struct.unpack_from(">4I", resource, 4)
    width = 22 if version >= 2 else 14  # of a node

    def below(node, path):
        at = tree + node * width
        name, flags = struct.unpack_from(">IH", resource, at)
        (length,) = struct.unpack_from(">H", resource, names + name)
        if node:
            path += "/" + resource[names + name + 6 :][: 2 * length].decode("utf-16-be")
        if flags & 2:  # a folder
            count, first = struct.unpack_from(">II", resource, at + 6)
            for child in range(first, first + count):
                yield from below(child, path)
        elif not flags & 5:  # not compressed: no picture is
            (offset,) = struct.unpack_from(">I", resource, at + 10)
            (size,) = struct.unpack_from(">I", resource, data + offset)
            yield path, resource[data + offset + 4 :][:size]

    yield from below(0, "")


def photographs(root):
    """Albums and names with their photographs, in colour, each once."""
    found = []
    for resource in sorted(root.rglob("*.rcc")):
        for path, content in members(resource.read_bytes()):
            album = next((a for place, a in ALBUMS.items() if f"/activities/{place}/" in path), None)
            name = pathlib.PurePath(path)
            if album and name.suffix == ".webp" and "/resource/icon" not in path:
                found.append((album, name.stem, path, content))
    for path in root.glob("usr/share/backgrounds/**/*.jpg"):
        if "abstract" not in path.parts and "desktop" not in path.parts:
            found.append((NATURE, path.stem, str(path), path.read_bytes()))
    seen, taken = [], set()
    for album, name, path, content in sorted(found):
        picture = Image.open(io.BytesIO(content))
        if picture.mode != "RGB" or min(picture.size) < 150:
            continue
        picture.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
        small = np.asarray(picture.resize((16, 16), Image.Resampling.BOX), float).ravel()
        small = (small - small.mean()) / max(small.std(), 1e-9)
        if any(small @ other / small.size > 0.95 for other in seen):
            continue
        seen.append(small)
        while (album, name.lower()) in taken:
            name += "-2"
        taken.add((album, name.lower()))
        yield album, name, picture


def cropped(share):
    """A crop that takes off a share of width and height."""

    def crop(picture):
        w, h = picture.size
        left, top = round(w * share * 0.3), round(h * share * 0.7)
        return picture.crop((left, top, left + round(w * (1 - share)), top + round(h * (1 - share))))

    return crop


def resized(share):
    return lambda picture: picture.resize([max(1, round(side * share)) for side in picture.size], Image.Resampling.BICUBIC)


def brightened(factor):
    return lambda picture: ImageEnhance.Brightness(picture).enhance(factor)


def watermarked(font):
    def mark(picture):
        size = max(12, picture.height // 8)
        layer = Image.new("RGBA", picture.size)
        ImageDraw.Draw(layer).text((picture.width // 20, picture.height - 2 * size), "© example", font=ImageFont.truetype(font, size), fill=(255, 255, 255, 160))
        return Image.alpha_composite(picture.convert("RGBA"), layer).convert("RGB")

    return mark


def same(picture):
    return picture


def ways(font):
    """How copies are made: the change, and the quality of the JPEG that it is kept as."""
    all_ways = {f"jpeg-{q}": (same, q) for q in (90, 70, 50, 30, 10)}
    all_ways |= {f"resize-{s}": (resized(s / 100), 90) for s in (75, 50, 25)}
    all_ways |= {f"crop-{s}": (cropped(s / 100), 90) for s in (5, 10, 15, 20)}
    return all_ways | {
        "flip": (ImageOps.mirror, 90),
        "brighter": (brightened(1.3), 90),
        "darker": (brightened(0.7), 90),
        "watermark": (watermarked(font), 90),
        "resize-50-jpeg-50": (resized(0.5), 50),
        "crop-10-flip": (lambda p: ImageOps.mirror(cropped(0.1)(p)), 90),
    }


TURNS = {  # how pixels are stored that EXIF's orientation turns back
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM, 5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_270,
}  # fmt: skip

# Endings and settings that photographs are written with, in turn: as users have them, most are JPEGs.
FORMATS = [(".jpg", {"quality": 92}), (".JPG", {"quality": 85}), (".webp", {"quality": 90}), (".jpeg", {"quality": 95, "progressive": True}),
           (".png", {}), (".jpg", {"quality": 75}), (".JPG", {"quality": 92}), (".tif", {"compression": "tiff_lzw"}), (".jpg", {"quality": 92}),
           (".gif", {}), (".jpg", {"quality": 95, "subsampling": 0}), (".bmp", {}), (".webp", {"lossless": True})]  # fmt: skip


class Folder:
    """The folder of photographs, and the table of what is what."""

    def __init__(self, root):
        self.root, self.rows = root, []

    def place(self, album, name, **row):
        """The path of a new file, whose row is noted."""
        self.rows.append({"id": f"{album}/{name}", "class": album, **row})
        path = self.root / album / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            sys.exit(f"photos.py: {path}: is written twice")
        return path

    def save(self, picture, album, name, options=None, **row):
        picture.save(self.place(album, name, **row), **(options or {}))
        return f"{album}/{name}"

    def table(self, path):
        with open(path, "w", newline="", encoding="utf-8") as f:
            w = csv.DictWriter(f, ["id", "kind", "class", "of", "how"], restval="", lineterminator="\n")
            w.writeheader()
            w.writerows(sorted(self.rows, key=lambda row: row["id"].encode()))


def originals(to, root):
    """Writes the photographs, and returns id, album, name and picture of each."""
    written = []
    for i, (album, name, picture) in enumerate(photographs(root)):
        ending, options = FORMATS[i % len(FORMATS)]
        stored, turn = picture, i // 2 % 9  # nine, so that it goes with no format in step
        if ending.lower() in (".jpg", ".jpeg") and turn in TURNS:
            exif = Image.Exif()
            exif[0x0112] = turn
            stored, options = picture.transpose(TURNS[turn]), options | {"exif": exif}
        written.append((to.save(stored, album, name + ending, options, kind="photo"), album, name, picture))
    return written


def copies(to, photos, font, most):
    """Writes copies made in each way of so many photographs."""
    done = ways(font)
    for i, (how, (change, quality)) in enumerate(done.items()):
        n = min(most or len(photos), len(photos))
        for k in range(n):
            # Spread over the photographs, so that few of them have many.
            original, album, name, picture = photos[(k * len(photos) // n + 2 * i) % len(photos)]
            to.save(change(picture), album, f"{name} ({how}).jpg", {"quality": quality}, kind="copy", of=original, how=how)


def spoiled(to, photos):
    """Writes what is wrong by its pixels."""
    random = np.random.default_rng(1)
    for i in range(3):
        level = (255, 250, 244)[i]
        to.save(Image.new("RGB", (640, 480), (level,) * 3), "at home", f"scan{i:03d}.jpg", kind="blank")
        noise = random.normal((96, 128, 160)[i], 2, (480, 640, 3)).clip(0, 255).astype(np.uint8)
        to.save(Image.fromarray(noise), NATURE, f"pocket {i}.jpg", kind="flat")
        for kind, change in (("dark", brightened(0.04)), ("blurred", lambda p: p.filter(ImageFilter.GaussianBlur(max(p.size) / 30)))):
            original, album, name, picture = photos[(37 * i + (11 if kind == "dark" else 23)) % len(photos)]
            to.save(change(picture), album, f"{name}_{kind}.jpg", {"quality": 92}, kind=kind, of=original)


def odd(to):
    """Writes pictures that are unlike all others."""
    folder = pathlib.Path(skimage_data.__file__).parent
    for name in "page.png text.png retina.jpg ihc.png hubble_deep_field.jpg brick.png moon.png".split():
        path = folder / name
        to.place("at home", name, kind="odd").write_bytes(path.read_bytes())
    china = Image.fromarray(datasets.load_sample_image("china.jpg"))
    to.save(china, NATURE, "china.png", kind="photo")


def broken(to, photos):
    """Writes files that cannot be read, and some that are no images."""

    def encoded(picture, kind):
        out = io.BytesIO()
        picture.save(out, kind)
        return out.getvalue()

    picture = photos[0][3]
    jpeg, png = encoded(picture, "JPEG"), encoded(picture, "PNG")
    flipped = bytearray(png)
    flipped[len(png) // 2] ^= 0xFF
    for album, name, content, how in [
        ("animals", "IMG_2071.JPG", jpeg[: len(jpeg) // 2], "cut off"),
        ("animals", "IMG_2072.JPG", b"", "empty"),
        ("buildings", "download.jpg", b"<!DOCTYPE html><title>404 Not Found</title>", "not an image"),
        ("tools", "crash.png", bytes(flipped), "a byte changed"),
    ]:
        to.place(album, name, kind="broken", how=how).write_bytes(content)
    (to.root / "animals" / "Thumbs.db").write_bytes(b"\xd0\xcf\x11\xe0")
    (to.root / "notes.txt").write_text("Where the pictures are from.\n")
    (to.root / ".DS_Store").write_bytes(b"\x00\x00\x00\x01Bud1")
    (to.root / "buildings" / "IMG_0001.HEIC").write_bytes(b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic")


def count(text):
    return 0 if text == "all" else int(text)


def main():
    p = argparse.ArgumentParser(description="Makes a folder of photographs, and a table of what is what.")
    p.add_argument("out", type=pathlib.Path)
    p.add_argument("--copies", type=count, default=6, help="photographs that each kind of copy is made of, or all")
    a = p.parse_args()
    root = unpacked(a.out / "packages", PACKAGES)
    if (a.out / "photos").exists():
        sys.exit(f"photos.py: {a.out / 'photos'}: is there already")
    to = Folder(a.out / "photos")
    photos = originals(to, root)
    copies(to, photos, str(next(root.rglob("DejaVuSans.ttf"))), a.copies)
    spoiled(to, photos)
    odd(to)
    broken(to, photos)
    to.table(a.out / "photos.csv")
    kinds = [row["kind"] for row in to.rows]
    print(f"{to.root}:", ", ".join(f"{kinds.count(kind)} {kind}" for kind in sorted(set(kinds))))


main()
