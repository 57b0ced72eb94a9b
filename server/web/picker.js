// Places on an image: a patch of its grid, or a part of its picture.
import { about, el } from "./dom.js";

// picker makes an element with an image in it choose patches: by a click, by the
// arrow keys, and with Shift by five.
export function picker(where, chosen) {
  const img = el("img"), frame = el("div", { className: "frame" });
  where.append(img, frame);
  where.tabIndex = 0;
  where.setAttribute("role", "application");
  let row = 0, col = 0;
  const set = (r, c) => chosen(Math.min(about.rows - 1, Math.max(0, r)), Math.min(about.cols - 1, Math.max(0, c)));
  where.addEventListener("click", e => {
    const box = where.getBoundingClientRect(), half = about.patch / 2;
    set(Math.round((e.clientY - box.top) / box.height * about.height - half), Math.round((e.clientX - box.left) / box.width * about.width - half));
  });
  where.addEventListener("keydown", e => {
    const step = e.shiftKey ? 5 : 1, move = { ArrowUp: [-step, 0], ArrowDown: [step, 0], ArrowLeft: [0, -step], ArrowRight: [0, step] }[e.key];
    if (!move) return;
    e.preventDefault();
    set(row + move[0], col + move[1]);
  });
  return {
    show(src, alt, r, c) {
      [row, col] = [r, c];
      if (!img.src.endsWith(src)) img.src = src;
      img.alt = "";
      where.setAttribute("aria-label", `${alt}. Patch at row ${r}, column ${c} is framed; arrow keys move it.`);
      Object.assign(frame.style, { left: 100 * c / about.width + "%", top: 100 * r / about.height + "%", width: 100 * about.patch / about.width + "%", height: 100 * about.patch / about.height + "%" });
    },
  };
}

// cropper chooses a part of a picture, of the aspect of the model's images.
export function cropper(where, chosen) {
  const img = el("img"), frame = el("div", { className: "frame" });
  where.append(img, frame);
  let size = { width: 1, height: 1 }, from = null;
  const at = e => { const box = where.getBoundingClientRect(); return [(e.clientX - box.left) / box.width * size.width, (e.clientY - box.top) / box.height * size.height]; };
  const place = b => Object.assign(frame.style, { left: 100 * b[0] / size.width + "%", top: 100 * b[1] / size.height + "%", width: 100 * b[2] / size.width + "%", height: 100 * b[3] / size.height + "%" });
  const drawn = e => {
    const [x, y] = at(e), k = about.height / about.width;
    const w = Math.max(Math.abs(x - from[0]), Math.abs(y - from[1]) / k);
    return fit([x < from[0] ? from[0] - w : from[0], y < from[1] ? from[1] - w * k : from[1], w], size);
  };
  where.addEventListener("pointerdown", e => { e.preventDefault(); where.setPointerCapture(e.pointerId); from = at(e); });
  where.addEventListener("pointermove", e => { if (from) { frame.hidden = false; place(drawn(e)); } });
  where.addEventListener("pointerup", e => {
    if (!from) return;
    const [x, y] = at(e), far = Math.hypot(x - from[0], y - from[1]) > Math.max(size.width, size.height) / 25, box = drawn(e);
    from = null;
    chosen(far ? box : null);
  });
  where.addEventListener("pointercancel", () => { from = null; });
  return {
    show(src, alt, picture, box) {
      size = picture;
      img.className = size.width > 160 ? "smooth" : "";
      if (!img.src.endsWith(src)) img.src = src;
      img.alt = alt;
      frame.hidden = !box;
      if (box) place(box);
    },
  };
}

// fit moves a part into a picture: whole pixels, at least two a side.
export function fit([x, y, w], size) {
  const k = about.height / about.width;
  w = Math.round(Math.min(Math.max(w, 2, 2 / k), size.width, size.height / k));
  const h = Math.min(size.height, Math.max(2, Math.round(w * k)));
  return [Math.round(Math.min(Math.max(x, 0), size.width - w)), Math.round(Math.min(Math.max(y, 0), size.height - h)), w, h];
}
