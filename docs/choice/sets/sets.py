"""Makes sets of labelled images from packages of PyPI and Debian, for the study of package choice.

    python -m venv venv && venv/bin/pip install numpy==2.4.6 pillow==13.0.0 scikit-image==0.26.0 scikit-learn==1.9.1
    venv/bin/python docs/choice/sets/sets.py OUT

It writes a folder for each set, with a folder for each class:

    digits8   handwritten digits of 8 x 8, gray            (scikit-learn)
    letters   capital letters of many fonts, 28 x 28, gray (Debian's fonts)
    painted   the same letters, each in a colour on another colour
    emoji     drawings in colour, by group, 32 x 32        (Debian's fonts-noto-color-emoji, unicode-data)
    icons     icons of a desktop, by kind, 32 x 32         (Debian's oxygen-icon-theme)
    crops     pieces of colour pictures, by picture, 32 x 32  (scikit-image, scikit-learn)
    surfaces  pieces of gray pictures, by picture, 32 x 32    (scikit-image)

apt-get downloads the packages of Debian (bookworm); none is installed. What comes out is the same each time.
"""

import pathlib
import subprocess
import sys

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from skimage import data as skimage_data
from sklearn import datasets

FONTS = """fonts-lato fonts-open-sans fonts-roboto-unhinted fonts-dejavu-core fonts-dejavu-extra fonts-liberation2
    fonts-freefont-ttf fonts-cantarell fonts-linuxlibertine fonts-sil-gentium""".split()
OTHERS = ["fonts-noto-color-emoji", "unicode-data", "oxygen-icon-theme"]


def unpacked(out, packages):
    """The folder that the packages are unpacked to."""
    debs, root = out / "debs", out / "unpacked"
    if not root.exists():
        debs.mkdir(parents=True, exist_ok=True)
        subprocess.run(["apt-get", "download", *packages], cwd=debs, check=True)
        root.mkdir()
        for deb in sorted(debs.glob("*.deb")):
            subprocess.run(["dpkg", "-x", deb, root], check=True)
    return root


class Set:
    """Images of classes, written as they come."""

    def __init__(self, out, name):
        self.folder, self.n = out / name, 0

    def add(self, label, image):
        folder = self.folder / label
        folder.mkdir(parents=True, exist_ok=True)
        image.save(folder / f"{self.n:05d}.png")
        self.n += 1


def digits8(out):
    found, s = datasets.load_digits(), Set(out, "digits8")
    for pixels, label in zip(found.images, found.target):
        s.add(str(label), Image.fromarray((pixels * 255 / 16).round().astype(np.uint8)))
    return s


def letters(out, root):
    s, painted, random = Set(out, "letters"), Set(out, "painted"), np.random.default_rng(1)
    for path in sorted(p for p in root.rglob("*") if p.suffix in (".ttf", ".otf") and "Emoji" not in p.name):
        font = ImageFont.truetype(str(path), 64)
        pictures = []
        for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ":
            left, top, right, bottom = font.getbbox(letter)
            picture = Image.new("L", (right - left, bottom - top))
            ImageDraw.Draw(picture).text((-left, -top), letter, font=font, fill=255)
            pictures.append((letter, picture))
        if len({p.tobytes() for _, p in pictures}) < len(pictures):
            continue  # a font without these letters
        for letter, picture in pictures:
            scale = 20 / max(picture.size)
            small = picture.resize([max(1, round(side * scale)) for side in picture.size], Image.Resampling.LANCZOS)
            framed = Image.new("L", (28, 28))
            framed.paste(small, ((28 - small.width) // 2, (28 - small.height) // 2))
            s.add(letter, framed)
            ground, ink = random.uniform(0, 255, 3), random.uniform(0, 255, 3)
            while abs(np.dot(ground - ink, (0.299, 0.587, 0.114))) < 64:
                ink = random.uniform(0, 255, 3)
            part = np.asarray(framed)[..., None] / 255
            painted.add(letter, Image.fromarray((ground + (ink - ground) * part).round().astype(np.uint8)))
    return s, painted


def emoji(out, root):
    s, group, seen = Set(out, "emoji"), "", set()
    font = ImageFont.truetype(str(next(root.rglob("NotoColorEmoji.ttf"))), 109)
    for line in next(root.rglob("emoji-test.txt")).read_text().splitlines():
        if line.startswith("# group:"):
            group = line.split(":")[1].strip().replace(" & ", "-").lower()
        points, _, rest = line.partition(";")
        points = points.split()
        # One code point each, so that no text shaping is needed.
        if not rest.strip().startswith("fully-qualified") or group == "component" or len([p for p in points if p != "FE0F"]) > 1:
            continue
        picture = Image.new("RGB", (136, 128), "white")
        ImageDraw.Draw(picture).text((0, 0), chr(int(points[0], 16)), font=font, embedded_color=True)
        if picture.tobytes() not in seen:  # the font has no drawing of some
            seen.add(picture.tobytes())
            s.add(group, picture.resize((32, 32), Image.Resampling.LANCZOS))
    return s


def icons(out, root):
    s, seen = Set(out, "icons"), set()
    for path in sorted(root.glob("usr/share/icons/oxygen/base/32x32/*/*.png")):
        icon = Image.open(path).convert("RGBA")
        picture = Image.new("RGBA", icon.size, "white")
        picture.alpha_composite(icon)
        picture = picture.convert("RGB")
        if picture.size == (32, 32) and picture.tobytes() not in seen:  # many are links
            seen.add(picture.tobytes())
            s.add(path.parent.name, picture)
    return s


def pieces(s, label, picture, most=200):
    """Adds pieces of 32 x 32 of a picture that is brought to about `most` of them."""
    scale = min(1, (32 * 32 * most / (picture.width * picture.height)) ** 0.5)
    picture = picture.resize([round(side * scale) for side in picture.size], Image.Resampling.LANCZOS)
    for top in range(0, picture.height - 31, 32):
        for left in range(0, picture.width - 31, 32):
            s.add(label, picture.crop((left, top, left + 32, top + 32)))


def crops(out, folder):
    s = Set(out, "crops")
    for name in "astronaut.png chelsea.png coffee.png hubble_deep_field.jpg ihc.png motorcycle_left.png retina.jpg rocket.jpg".split():
        pieces(s, name.split(".")[0], Image.open(folder / name).convert("RGB"))
    for name in ("china.jpg", "flower.jpg"):
        pieces(s, name.split(".")[0], Image.fromarray(datasets.load_sample_image(name)))
    return s


def surfaces(out, folder):
    s = Set(out, "surfaces")
    for name in "brick camera cell coins grass gravel moon page text".split():
        pieces(s, name, Image.open(folder / f"{name}.png").convert("L"))
    return s


def main():
    if len(sys.argv) != 2:
        sys.exit("sets.py: want one argument, the folder to write to")
    out = pathlib.Path(sys.argv[1])
    root, pictures = unpacked(out / "packages", FONTS + OTHERS), pathlib.Path(skimage_data.__file__).parent
    for s in (digits8(out), *letters(out, root), emoji(out, root), icons(out, root), crops(out, pictures), surfaces(out, pictures)):
        print(f"{s.folder}: {s.n} images, {len(list(s.folder.iterdir()))} classes")


if __name__ == "__main__":
    main()
