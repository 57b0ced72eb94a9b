"""Makes image files of all kinds with Pillow, and what Pillow sees in them.

    pillow.py FOLDER ROUNDS [SEED]

writes the files and manifest.json, which has for each the size, the pixels in red, green
and blue as they are to be seen (turned as EXIF says, over white, base64), and by how much
a decoder may differ. ROUNDS is how often each kind is made, each time of another size,
orientation and content; 0 makes each once, small, as the samples in testdata/pillow.
What Pillow reads and does not write (planes, tiles, interlacing, numbers of 16 bits) is
written here, byte by byte.
"""

import base64
import io
import itertools
import json
import os
import random
import struct
import sys
import zlib

from PIL import Image, ImageOps

# By how much a pixel may differ, and all of them on average. Lossless formats leave
# nothing to choose, nor do colours composed over white, and lossy WebP is decoded to the
# bit as libwebp does. Where samples of 16 bits are computed here, they are rounded once
# more than there.
EXACT, ROUNDED, TWICE = (0, 0), (1, 1), (2, 1)
# JPEG is defined up to a rounding of its transform: one in luma and in chroma is up to
# 1 + 1.772 in blue, and colours are rounded once more on both sides.
JPEG = (4, 1)
# Chroma of fewer samples than luma: libjpeg interpolates between them, Go takes the
# nearest. Of smooth images, as these are, 6 was measured, and 1.3 on average.
SUBSAMPLED = (8, 2)


def content(rng, mode, w, h, smooth=False):
    """An image of gradients, with noise and a hard edge unless it is to be smooth."""
    a = [[rng.uniform(-9, 9) for _ in range(2)] for _ in range(4)]
    base = [rng.uniform(0, 255) for _ in range(4)]
    edge = rng.uniform(0, w)

    def value(x, y, c):
        v = base[c] + (a[c][0] * (x - w / 2) + a[c][1] * (y - h / 2)) / (3 if smooth else 1)
        if not smooth:
            v += rng.uniform(-20, 20) + (80 if x > edge else 0)
        return min(255, max(0, int(v)))

    channels = {"1": 1, "L": 1, "P": 3, "LA": 2, "RGB": 3, "RGBA": 4, "RGBX": 4, "CMYK": 4}[mode]
    data = bytes(value(x, y, c) for y in range(h) for x in range(w) for c in range(channels))
    if mode == "1":
        return Image.frombytes("L", (w, h), data).convert("1")
    if mode == "P":
        return Image.frombytes("RGB", (w, h), data).quantize(rng.choice([2, 5, 16, 200]))
    return Image.frombytes(mode, (w, h), data)


def exif(order, orientation):
    """An EXIF block, with another tag before."""
    mark = b"II" if order == "<" else b"MM"
    return mark + struct.pack(order + "HIH", 42, 8, 2) + struct.pack(order + "HHI4s", 271, 2, 4, b"abc\0") + \
        struct.pack(order + "HHIHH", 274, 3, 1, orientation, 0) + struct.pack(order + "I", 0)


def png_chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(w, h, bits, colour, rows, chunks=b"", interlaced=False):
    """A PNG of rows(x0, y0, dx, dy), the packed rows of a pass."""
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)] if interlaced else [(0, 0, 1, 1)]
    raw = b"".join(b"\0" + row for p in passes if p[0] < w and p[1] < h for row in rows(*p))
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, bits, colour, 0, 0, int(interlaced))) + \
        chunks + png_chunk(b"IDAT", zlib.compress(raw)) + png_chunk(b"IEND", b"")


def segments(data):
    """The segments of a JPEG, each a marker and its content; of a scan, the coded bytes too."""
    at, found = 2, []
    while data[at + 1] != 0xD9:
        end = at + 2 + struct.unpack(">H", data[at + 2:at + 4])[0]
        if data[at + 1] == 0xDA:
            while data[end] != 0xFF or data[end + 1] == 0 or 0xD0 <= data[end + 1] <= 0xD7:
                end += 1
        found.append((data[at + 1], data[at + 4:end]))
        at = end
    return found


def planar_jpeg(rng, w, h, factors, progressive, app):
    """A JPEG of components with these sampling factors, each the scans of a gray JPEG of its own."""
    most = [max(f[i] for f in factors) for i in range(2)]
    scans, frame = [], b""
    for n, (across, down) in enumerate(factors):
        plane = content(rng, "L", -(-w * across // most[0]), -(-h * down // most[1]))
        out = io.BytesIO()
        plane.save(out, format="JPEG", quality=rng.randrange(60, 100), progressive=progressive, optimize=rng.random() < 0.5, restart_marker_blocks=rng.randrange(4))
        for marker, body in segments(out.getvalue()):
            if marker == 0xDB:  # its quantization table, with its number
                body = bytes([n]) + body[1:]
            elif marker == 0xDA:  # its name
                body = body[:1] + bytes([n + 1]) + body[2:]
            elif marker in (0xC0, 0xC2):
                kind = marker
                frame += bytes([n + 1, across << 4 | down, n])
                continue
            elif marker not in (0xC4, 0xDD):
                continue
            scans.append((marker, body))
        scans.append((0xDD, b"\0\0"))  # no restarts, if the next does not say
    frame = struct.pack(">BHHB", 8, h, w, len(factors)) + frame
    # Tables of quantization come first, those of codes with their scans.
    parts = app + [s for s in scans if s[0] == 0xDB] + [(kind, frame)] + [s for s in scans if s[0] != 0xDB]
    # Of a scan, the length is of its header alone.
    return b"\xff\xd8" + b"".join(bytes([0xFF, m]) + struct.pack(">H", 2 + (6 if m == 0xDA else len(b))) + b for m, b in parts) + b"\xff\xd9"


def adobe(transform):
    return [(0xEE, b"Adobe" + struct.pack(">HHHB", 100, 0, 0, transform))]


def tiff(order, w, h, tags, blocks, tiled):
    """A TIFF of blocks of bytes, with these tags beside those that say where they are."""
    mark = b"II" if order == "<" else b"MM"
    offsets, body = [], b""
    for b in blocks:
        offsets.append(8 + len(body))
        body += b + b"\0" * (len(b) % 2)
    tags = dict(tags)
    tags.update({256: w, 257: h, (324 if tiled else 273): offsets, (325 if tiled else 279): [len(b) for b in blocks]})
    at = 8 + len(body)
    entries, far = b"", b""
    behind = at + 2 + 12 * len(tags) + 4
    for tag in sorted(tags):
        v = tags[tag] if isinstance(tags[tag], list) else [tags[tag]]
        # Offsets and sides are numbers of 32 bits, all others of 16.
        letter, kind = ("I", 4) if tag in (256, 257, 273, 279, 324, 325) else ("H", 3)
        if isinstance(v[0], tuple):  # a fraction
            letter, kind, v = "I", 5, [n for fraction in v for n in fraction]
        if isinstance(v[0], bytes):
            kind, data = 7, v[0]
        else:
            data = struct.pack(order + letter * len(v), *v)
        if len(data) > 4:
            entries += struct.pack(order + "HHII", tag, kind, len(data) // {3: 2, 4: 4, 5: 8, 7: 1}[kind], behind + len(far))
            far += data + b"\0" * (len(data) % 2)
        else:
            entries += struct.pack(order + "HHI", tag, kind, len(data) // {3: 2, 4: 4, 5: 8, 7: 1}[kind]) + data.ljust(4, b"\0")
    return mark + struct.pack(order + "HI", 42, at) + body + struct.pack(order + "H", len(tags)) + entries + b"\0\0\0\0" + far


def packed_bits(values, bits):
    """A row of samples, the high bits first."""
    text = "".join(f"{v:0{bits}b}" for v in values)
    text += "0" * (-len(text) % 8)
    return bytes(int(text[i:i + 8], 2) for i in range(0, len(text), 8))


def raw_tiff(rng, order, w, h, planar, tiled, bits, samples, photometric, extra, orientation, packed, predictor, palette=None, reverse=False):
    """A TIFF that Pillow does not write, of noise."""
    values = [[[rng.randrange(1 << bits) for _ in range(samples)] for _ in range(w)] for _ in range(h)]
    if extra == 1:  # colours are not more than the alpha they are multiplied by
        values = [[[min(v, p[-1]) for v in p] for p in row] for row in values]
    letter = "B" if bits == 8 else "H"

    def rows(channels, x0, y0, x1, y1):
        data = b""
        for y in range(y0, y1):
            flat, before = [], [0] * len(channels)
            for x in range(x0, x1):
                for i, c in enumerate(channels):
                    v = values[y][x][c] if y < h and x < w else 0
                    flat.append((v - before[i]) % (1 << bits) if predictor == 2 else v)
                    before[i] = v
            data += struct.pack(order + letter * len(flat), *flat) if bits in (8, 16) else packed_bits(flat, bits)
        if reverse:
            data = bytes(int(f"{b:08b}"[::-1], 2) for b in data)
        return zlib.compress(data) if packed else data

    planes = [[c] for c in range(samples)] if planar else [list(range(samples))]
    tags = {258: [bits] * samples, 259: 8 if packed else 1, 262: photometric, 274: orientation, 277: samples, 284: 2 if planar else 1, 317: predictor}
    if extra is not None:
        tags[338] = extra
    if palette:
        tags[320] = palette
    if reverse:
        tags[266] = 2
    if tiled:
        tags[322], tags[323] = 16, 16
        blocks = [rows(p, x, y, x + 16, y + 16) for p in planes for y in range(0, h, 16) for x in range(0, w, 16)]
    else:
        step = rng.randrange(1, h + 1)
        tags[278] = step
        blocks = [rows(p, 0, y, w, min(h, y + step)) for p in planes for y in range(0, h, step)]
    return tiff(order, w, h, tags, blocks, tiled), values


def luma_tiff(rng, order, w, h, across, down, tiled, packed, ends, orientation):
    """A TIFF of luma, and chroma of fewer samples, and its colours by the definition."""
    def row(n):
        return [rng.randrange(256) for _ in range(n)]
    wide, tall = -(-w // across), -(-h // down)
    luma = [row(wide * across) for _ in range(tall * down)]
    chroma = [[row(wide) for _ in range(tall)] for _ in range(2)]

    def units(x0, y0, x1, y1):
        data = b""
        for y in range(y0, y1):
            for x in range(x0, x1):
                if x < wide and y < tall:
                    data += bytes(luma[y * down + j][x * across + i] for j in range(down) for i in range(across)) + bytes(c[y][x] for c in chroma)
                else:
                    data += bytes(across * down + 2)
        return zlib.compress(data) if packed else data

    tags = {258: [8] * 3, 259: 8 if packed else 1, 262: 6, 274: orientation, 277: 3, 284: 1, 530: [across, down]}
    if ends:
        tags[529], tags[532] = [(299, 1000), (587, 1000), (114, 1000)], [(n, 1) for n in ends]
    else:
        ends = [0, 255, 128, 255, 128, 255]
    if tiled:
        tags[322], tags[323] = 16, 16
        blocks = [units(x, y, x + 16 // across, y + 16 // down) for y in range(0, tall, 16 // down) for x in range(0, wide, 16 // across)]
    else:
        step = rng.randrange(1, tall + 1)
        tags[278] = step * down
        blocks = [units(0, y, wide, min(tall, y + step)) for y in range(0, tall, step)]
    values = []
    for y in range(h):
        values.append([])
        for x in range(w):
            codes = [luma[y][x]] + [c[y // down][x // across] for c in chroma]
            l, u, v = ((code - ends[2 * i]) * (127 if i else 255) / (ends[2 * i + 1] - ends[2 * i]) for i, code in enumerate(codes))
            r, b = l + v * (2 - 2 * 0.299), l + u * (2 - 2 * 0.114)
            values[-1].append([min(255, max(0, c)) for c in (r, (l - 0.114 * b - 0.299 * r) / 0.587, b)])
    return tiff(order, w, h, tags, blocks, tiled), values


def jpeg_tiff(rng, order, w, h, mode, how, tags, tiled, planar, tables):
    """A TIFF of strips or tiles that are JPEG."""
    im = content(rng, mode, w, h)
    if tiled:
        places = [(x, y, x + 16, y + 32) for y in range(0, h, 32) for x in range(0, w, 16)]
        tags = tags | {322: 16, 323: 32}
    else:
        step = 8 * rng.randrange(2, 5) if h > 16 else h
        places = [(0, y, w, min(h, y + step)) for y in range(0, h, step)]
        tags = tags | {278: step}

    def save(im, **more):
        out = io.BytesIO()
        im.save(out, format="JPEG", quality=how["quality"], **{k: v for k, v in how.items() if k != "quality"}, **more)
        return out.getvalue()
    parts = im.split() if planar else [im]
    if tables:
        tags = tags | {347: [save(parts[0], streamtype=1)]}
    blocks = [save(part.crop(place), streamtype=2 if tables else 0) for part in parts for place in places]
    return tiff(order, w, h, tags | {284: 2 if planar else 1, 259: 7}, blocks, tiled)


def seen(im):
    """The pixels of an image as they are to be seen, and its size."""
    im.seek(0)
    im.load()
    im = ImageOps.exif_transpose(im)
    size = im.size
    if im.mode.startswith("I"):
        out = bytearray()
        for v in im.get_flattened_data():
            out += bytes([(v * 255 + 32767) // 65535] * 3)
        return size, bytes(out)
    if im.mode in ("RGBA", "LA", "PA") or "transparency" in im.info:
        out = bytearray()
        for r, g, b, a in im.convert("RGBA").get_flattened_data():
            out += bytes((c * a + 255 * (255 - a) + 127) // 255 for c in (r, g, b))
        return size, bytes(out)
    return size, im.convert("RGB").tobytes()


def turned(values, orientation):
    """Rows as they are to be seen, of rows as they are stored."""
    if orientation in (2, 3, 7, 8):
        values = [row[::-1] for row in values]
    if orientation in (3, 4, 6, 7):
        values = values[::-1]
    if orientation >= 5:
        # The above turned what is seen; of what is stored, rows and columns are exchanged.
        values = [list(column) for column in zip(*values)]
    return values


def cases(rng, small):
    """Name, file, tolerance; and for what Pillow does not see rightly, the pixels."""
    w, h = (rng.randrange(9, 15), rng.randrange(7, 12)) if small else (rng.randrange(1, 41), rng.randrange(1, 41))

    def size():
        return (w, h) if small else (rng.randrange(1, 41), rng.randrange(1, 41))

    def save(im, **how):
        out = io.BytesIO()
        im.save(out, **how)
        return out.getvalue()

    def orientation():
        return rng.randrange(1, 9), rng.choice("<>")

    for mode in ("1", "L", "LA", "P", "RGB", "RGBA"):
        o, order = orientation()
        yield f"{mode}.png", save(content(rng, mode, *size()), format="PNG", exif=exif(order, o)), EXACT
    o, order = orientation()
    im = content(rng, "P", *size())
    yield "P-clear.png", save(im, format="PNG", transparency=bytes(rng.randrange(256) for _ in range(2)), exif=exif(order, o)), EXACT
    im = content(rng, "RGB", *size())
    yield "RGB-clear.png", save(im, format="PNG", transparency=im.getpixel((0, 0))), EXACT
    im = content(rng, "L", *size())
    yield "L-clear.png", save(im, format="PNG", transparency=im.getpixel((0, 0))), EXACT
    for interlaced in (False, True):
        for bits, colour, channels in ((8, 2, 3), (16, 0, 1), (16, 2, 3), (16, 6, 4), (8, 6, 4), (8, 0, 1)):
            if bits == 8 and not interlaced:
                continue
            x, y = size()
            pixels = [[[rng.randrange(1 << bits) for _ in range(channels)] for _ in range(x)] for _ in range(y)]
            o, order = orientation()

            def rows(x0, y0, dx, dy):
                for row in pixels[y0::dy]:
                    yield b"".join(struct.pack(">" + ("B" if bits == 8 else "H"), v) for p in row[x0::dx] for v in p)
            name = f"{bits}bit-{channels}{'-interlaced' if interlaced else ''}.png"
            data = png(x, y, bits, colour, rows, png_chunk(b"eXIf", exif(order, o)), interlaced)
            if bits == 16 and colour != 0:  # which Pillow cuts to 8
                yield name, data, ROUNDED, composed(turned(pixels, o), bits, 2, 2)
            else:
                yield name, data, EXACT

    for mode, how, tolerance in (("L", {}, JPEG), ("RGB", {"subsampling": 0}, JPEG), ("RGB", {"subsampling": 0, "progressive": True}, JPEG),
                                 ("RGB", {"subsampling": 1}, SUBSAMPLED), ("RGB", {"subsampling": 2}, SUBSAMPLED), ("CMYK", {}, JPEG)):
        o, order = orientation()
        im = content(rng, mode, *size(), smooth=tolerance == SUBSAMPLED)
        name = mode + "".join(f"-{k}{int(v)}" for k, v in how.items()) + ".jpg"
        yield name, save(im, format="JPEG", quality=rng.randrange(60, 100), exif=b"Exif\0\0" + exif(order, o), **how), tolerance

    for mode in ("RGB", "RGBA"):
        for lossless in (False, True):
            o, order = orientation()
            data = save(content(rng, mode, *size()), format="WEBP", lossless=lossless, quality=rng.randrange(10, 100), exif=exif(order, o))
            yield f"{mode}-{'lossless' if lossless else 'lossy'}.webp", data, EXACT
    yield "plain-lossy.webp", save(content(rng, "RGB", *size()), format="WEBP", quality=rng.randrange(10, 100)), EXACT
    x, y = size()
    frames = [content(rng, "RGBA", x, y) for _ in range(2)]
    yield "animated.webp", save(frames[0], format="WEBP", save_all=True, append_images=frames[1:], lossless=rng.random() < 0.5), EXACT

    for compression in ("raw", "packbits", "tiff_lzw", "tiff_adobe_deflate", "group3", "group4"):
        for photometric in (0, 1):
            o, _ = orientation()
            x, y = size()
            yield f"1-{compression}-{photometric}.tif", save(content(rng, "1", x, y), format="TIFF", compression=compression, tiffinfo={262: photometric, 274: o}), EXACT
    for mode in ("L", "LA", "P", "RGB", "RGBA", "RGBX", "CMYK"):
        for compression in ("raw", "packbits", "tiff_lzw", "tiff_adobe_deflate"):
            if small and compression != ("raw" if mode in ("LA", "P") else "tiff_lzw"):
                continue
            o, _ = orientation()
            info = {274: o}
            if compression in ("tiff_lzw", "tiff_adobe_deflate") and mode in ("L", "RGB", "RGBA"):
                info[317] = rng.choice([1, 2])
            yield f"{mode}-{compression}.tif", save(content(rng, mode, *size()), format="TIFF", compression=compression, tiffinfo=info), EXACT

    # samples, photometric, alpha
    kinds = [(1, 0, None), (1, 1, None), (2, 1, 2), (3, 2, None), (4, 2, 0), (4, 2, 1), (4, 2, 2), (4, 5, None)]
    for samples, photometric, extra in kinds:
        for planar in (False, True):
            for tiled in (False, True):
                for bits in (8, 16):
                    if bits == 16 and photometric == 5 or planar and samples == 1 or small and (tiled == planar or bits == 16 and samples > 1):
                        continue
                    order = rng.choice("<>")
                    o, _ = orientation()
                    x, y = size()
                    predictor = 1 if samples == 2 else rng.choice([1, 2])
                    data, values = raw_tiff(rng, order, x, y, planar, tiled, bits, samples, photometric, extra, o, rng.random() < 0.5, predictor)
                    name = f"raw-{bits}bit-{samples}-{photometric}-{extra}{'-planar' if planar else ''}{'-tiled' if tiled else ''}.tif"
                    # Computed here: Pillow does not read all of these, and cuts 16 bits.
                    yield name, data, ROUNDED, composed(turned(values, o), bits, photometric, extra)

    for mode in ("L", "P"):
        yield f"{mode}.gif", save(content(rng, mode, *size()), format="GIF", interlace=rng.randrange(2)), EXACT
    im = content(rng, "P", *size())
    yield "clear.gif", save(im, format="GIF", transparency=im.getpixel((0, 0))), EXACT
    x, y = size()
    frames = [content(rng, "P", x, y) for _ in range(3)]
    yield "animated.gif", save(frames[0], format="GIF", save_all=True, append_images=frames[1:]), EXACT
    for mode in ("1", "L", "P", "RGB"):
        yield f"{mode}.bmp", save(content(rng, mode, *size()), format="BMP"), EXACT
    for mode, ext in (("1", "pbm"), ("L", "pgm"), ("RGB", "ppm")):
        yield f"{mode}.{ext}", save(content(rng, mode, *size()), format="PPM"), EXACT
    x, y = size()
    most = rng.choice([65535, 4095, 1023, 300, 255, 100])
    values = [rng.randrange(most + 1) for _ in range(x * y)]
    data = b"P5 %d %d %d\n" % (x, y, most) + b"".join(struct.pack(">H" if most > 255 else "B", v) for v in values)
    yield "deep.pgm", data, ROUNDED  # twice: by Pillow to 16 bits or to 8, and from 16


def later_cases(rng, small):
    """As cases, of kinds that came later: the samples of the others stay as they are."""
    def size():
        return (rng.randrange(9, 15), rng.randrange(7, 12)) if small else (rng.randrange(1, 41), rng.randrange(1, 41))

    def save(im, **how):
        out = io.BytesIO()
        im.save(out, **how)
        return out.getvalue()

    def orientation():
        return rng.randrange(1, 9), rng.choice("<>")

    # Four components, and three that are subsampled in unusual ways: as libjpeg has them to the last bit.
    for subsampling in (0, 1, 2):
        for progressive in (False, True):
            for luma in (False, True):
                if small and (subsampling == 1 or progressive != luma):
                    continue
                o, order = orientation()
                data = save(content(rng, "CMYK", *size()), format="JPEG", subsampling=subsampling, progressive=progressive, quality=rng.randrange(60, 100),
                            restart_marker_blocks=rng.randrange(4), exif=b"Exif\0\0" + exif(order, o))
                if luma:  # the same samples, said to be Y, Cb, Cr and K
                    at = data.index(b"Adobe") + 11
                    data = data[:at] + b"\2" + data[at + 1:]
                yield f"{'YCCK' if luma else 'CMYK'}-subsampling{subsampling}-progressive{int(progressive)}.jpg", data, EXACT
    for n, app in ((3, []), (3, adobe(0)), (3, adobe(1)), (4, []), (4, adobe(0)), (4, adobe(2))):
        for progressive in (False, True):
            if small and progressive != (n == 3):
                continue
            factors = [(rng.choice([1, 2, 4]), rng.choice([1, 2, 4])) for _ in range(n)]
            if n == 3:  # which image/jpeg does not read
                factors[1:] = [(1, 1), (2, 1)]
            name = f"planes{n}-{app[0][1][-1] if app else 'plain'}-progressive{int(progressive)}.jpg"
            yield name, planar_jpeg(rng, *size(), factors, progressive, app), EXACT

    # TIFF compressed as JPEG: what Pillow writes, and the tiles, planes and tables that it does not.
    for mode in ("L", "RGB", "RGBA", "CMYK", "YCbCr"):
        o, _ = orientation()
        im = content(rng, "RGB", *size()).convert("YCbCr") if mode == "YCbCr" else content(rng, mode, *size())
        yield f"{mode}-jpeg.tif", save(im, format="TIFF", compression="jpeg", quality=rng.randrange(60, 100), strip_size=rng.choice([8 * im.width * len(im.getbands()), 1 << 16]), tiffinfo={274: o}), EXACT
    for mode, photometric, how in (("L", 0, {}), ("L", 1, {}), ("RGB", 2, {"keep_rgb": True}), ("RGB", 6, {"subsampling": 0}), ("RGB", 6, {"subsampling": 1}),
                                   ("RGB", 6, {"subsampling": 2}), ("CMYK", 5, {})):
        for tiled in (False, True):
            for planar in (False, True):
                if planar and photometric in (0, 1, 6) or small and (tiled == planar or how.get("subsampling") == 1 or photometric == 0):
                    continue
                o, order = orientation()
                channels = len(mode) if mode != "L" else 1
                tags = {258: [8] * channels, 262: photometric, 274: o, 277: channels}
                if mode == "L":  # the order of bits in bytes is not that of JPEG
                    tags[266] = 1 + o % 2
                if photometric == 6:
                    tags[530] = [[1, 1], [2, 1], [2, 2]][how["subsampling"]]
                how = how | {"quality": rng.randrange(60, 100)}
                kept = {k: v for k, v in how.items() if not planar or k == "quality"}
                data = jpeg_tiff(rng, order, *size(), mode, kept, tags, tiled, planar, rng.random() < 0.7)
                yield f"jpeg-{mode}-{photometric}-{how.get('subsampling', '')}{'-planar' if planar else ''}{'-tiled' if tiled else ''}.tif", data, EXACT

    # The older kind, of a whole file of JPEG. libtiff takes the nearest sample of chroma
    # there, and no images that are smaller than what a sample of chroma is for.
    for subsampling in (0, 2):
        o, order = orientation()
        im = content(rng, "RGB", *(max(2, n) for n in size()), smooth=subsampling > 0)
        data = save(im, format="JPEG", subsampling=subsampling, quality=rng.randrange(60, 100))
        tags = {258: [8] * 3, 259: 6, 262: 6, 274: o, 277: 3, 278: im.height, 284: 1, 513: 8, 514: len(data), 530: [1 + subsampling // 2] * 2}
        yield f"oldjpeg-{subsampling}.tif", tiff(order, *im.size, tags, [data], False), SUBSAMPLED if subsampling else ROUNDED

    # Luma with chroma of fewer samples, not as JPEG.
    for across, down in ((1, 1), (2, 1), (2, 2), (1, 2), (4, 1), (4, 2), (4, 4)):
        for tiled in (False, True):
            if small and (across != down or tiled != (down == 2)):
                continue
            o, order = orientation()
            ends = rng.choice([None, [0, 255, 128, 255, 128, 255], [16, 235, 128, 240, 128, 240], [15, 235, 128, 240, 128, 240]])
            packed = rng.random() < 0.5
            data, values = luma_tiff(rng, order, *size(), across, down, tiled, packed, ends, o)
            yield f"luma-{across}-{down}{'-tiled' if tiled else ''}.tif", data, ROUNDED, composed([[[v / 255 for v in p] for p in row] for row in turned(values, o)], None, 2, None)

    # Samples of 2, 4 and 12 bits; samples, photometric, alpha.
    for bits in (2, 4, 12):
        for samples, photometric, extra in ((1, 0, None), (1, 1, None), (2, 1, 2), (3, 2, None), (4, 2, 0), (4, 2, 1), (4, 2, 2)):
            for planar in (False, True):
                for tiled in (False, True):
                    if planar and samples == 1 or small and (tiled == planar or samples == 4):
                        continue
                    o, order = orientation()
                    data, values = raw_tiff(rng, order, *size(), planar, tiled, bits, samples, photometric, extra, o, rng.random() < 0.5, 1)
                    name = f"raw-{bits}bit-{samples}-{photometric}-{extra}{'-planar' if planar else ''}{'-tiled' if tiled else ''}.tif"
                    yield name, data, ROUNDED, composed(turned(values, o), bits, photometric, extra)
    for bits in (2, 4):
        o, order = orientation()
        data, values = raw_tiff(rng, order, *size(), False, False, bits, 1, 3, None, o, rng.random() < 0.5, 1, [rng.randrange(256) << 8 for _ in range(3 << bits)])
        yield f"P-{bits}bit.tif", data, EXACT

    # Two-dimensional group 3, with and without zeros that fill bytes.
    for photometric in (0, 1):
        for options in (1, 5):
            o, _ = orientation()
            im = content(rng, "1", *size())
            if rng.random() < 0.5:  # long runs
                im = im.resize((im.width * rng.randrange(1, 9), im.height)).rotate(rng.randrange(9), fillcolor=1)
            info = {262: photometric, 274: o, 292: options, 266: rng.choice([1, 2])}
            yield f"1-group3-lines-{photometric}-{options}.tif", save(im, format="TIFF", compression="group3", strip_size=rng.choice([1, 9, 1 << 16]), tiffinfo=info), EXACT

    # Ink of 16 bits, which is rounded to 8 before it is a colour.
    for planar in (False, True):
        o, order = orientation()
        data, values = raw_tiff(rng, order, *size(), planar, rng.random() < 0.5, 16, 4, 5, None, o, rng.random() < 0.5, 1)
        yield f"raw-16bit-4-5-None{'-planar' if planar else ''}.tif", data, TWICE, composed(turned(values, o), 16, 5, None)

    # Bytes with the lowest bit first.
    for compression in ("group3", "group4"):
        o, _ = orientation()
        data = save(content(rng, "1", *size()), format="TIFF", compression=compression, tiffinfo={262: 0, 274: o, 266: 2})
        yield f"reversed-{compression}.tif", data, EXACT
    for bits, photometric in ((1, 0), (1, 1), (2, 1), (4, 0), (8, 1)):
        o, order = orientation()
        data, values = raw_tiff(rng, order, *size(), False, False, bits, 1, photometric, None, o, False, 1, reverse=True)
        yield f"reversed-{bits}-{photometric}.tif", data, EXACT
    # Three as usual, but progressive and with restarts, which image/jpeg does not read.
    for subsampling in (1, 2):
        o, order = orientation()
        how = {"restart_marker_rows": 1} if rng.random() < 0.5 else {"restart_marker_blocks": rng.randrange(1, 9)}
        data = save(content(rng, "RGB", *size()), format="JPEG", subsampling=subsampling, progressive=True, quality=rng.randrange(60, 100), exif=b"Exif\0\0" + exif(order, o), **how)
        yield f"RGB-subsampling{subsampling}-progressive1-restarts.jpg", data, EXACT

    # One-dimensional group 3, with zeros that fill bytes.
    for photometric in (0, 1):
        o, _ = orientation()
        info = {262: photometric, 274: o, 292: 4, 266: rng.choice([1, 2])}
        yield f"1-group3-filled-{photometric}.tif", save(content(rng, "1", *size()), format="TIFF", compression="group3", strip_size=rng.choice([1, 9, 1 << 16]), tiffinfo=info), EXACT


def composed(values, bits, photometric, extra):
    """Size and pixels of samples, over white."""
    most = (1 << bits) - 1 if bits else 1
    out = bytearray()
    for row in values:
        for p in row:
            c = [v / most for v in p]
            alpha = 1.0
            if photometric in (0, 1):
                gray = 1 - c[0] if photometric == 0 else c[0]
                rgb = [gray] * 3
                if len(c) > 1:
                    alpha = c[1]
            elif photometric == 5:
                rgb = [(1 - v) * (1 - c[3]) for v in c[:3]]
            else:
                rgb = c[:3]
                if len(c) > 3 and extra:
                    alpha = c[3]
            for v in rgb:
                v = v if extra == 1 else v * alpha
                out.append(min(255, int(255 * (v + 1 - alpha) + 0.5)))
    return (len(values[0]), len(values)), bytes(out)


def main():
    folder, rounds = sys.argv[1], int(sys.argv[2])
    rng = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    os.makedirs(folder, exist_ok=True)
    manifest = []
    for n in range(max(1, rounds)):
        for name, data, tolerance, *known in itertools.chain(cases(rng, rounds == 0), later_cases(rng, rounds == 0)):
            name = name if rounds == 0 else f"{n:03d}-{name}"
            with open(os.path.join(folder, name), "wb") as f:
                f.write(data)
            (w, h), pixels = known[0] if known else seen(Image.open(io.BytesIO(data)))
            manifest.append({"file": name, "width": w, "height": h, "most": tolerance[0], "mean": tolerance[1], "pixels": base64.b64encode(pixels).decode()})
    with open(os.path.join(folder, "manifest.json"), "w") as f:
        f.write("[\n" + ",\n".join(json.dumps(m) for m in manifest) + "\n]\n")


main()
