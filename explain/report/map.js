"use strict";
// The map of atoms: tiles of one sprite, drawn on a canvas that can be moved and
// zoomed. Places are about the middle of the map, its longer side being 4095.
(() => {
  const data = JSON.parse(document.getElementById("map-data").textContent);
  const canvas = document.getElementById("map-canvas"), paint = canvas.getContext("2d");
  const readout = document.querySelector(".readout"), thumb = readout.querySelector("canvas"), words = readout.querySelector("div");
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const n = data.atoms.length, unit = 4095, sprite = new Image();
  let place = Float32Array.from(data.near), extent = data.extent.near, layout = "near";
  let view = { scale: 1, x: 0, y: 0 }, chosen = -1, frame = 0;

  const size = () => ({ w: canvas.clientWidth, h: canvas.clientHeight });
  // Pixels of the canvas that the longer side takes at scale 1, and the middle.
  const fit = () => { const { w, h } = size(); return { side: Math.min((w - 36) / extent[0], (h - 36) / extent[1]), left: w / 2, top: h / 2 }; };
  // Tiles grow with the zoom, but more slowly than the distances between them.
  const tile = f => Math.max(5, Math.sqrt(f.side * f.side * extent[0] * extent[1] / n) * 0.62) * Math.pow(view.scale, 0.72);
  const at = (i, f) => { const k = f.side * view.scale / unit; return [f.left + view.x + place[2 * i] * k, f.top + view.y + place[2 * i + 1] * k]; };

  function draw() {
    frame = 0;
    const { w, h } = size(), ratio = devicePixelRatio || 1;
    if (canvas.width !== Math.round(w * ratio) || canvas.height !== Math.round(h * ratio)) { canvas.width = Math.round(w * ratio); canvas.height = Math.round(h * ratio); }
    paint.setTransform(ratio, 0, 0, ratio, 0, 0);
    paint.clearRect(0, 0, w, h);
    paint.imageSmoothingEnabled = false;
    const f = fit(), t = tile(f), s = data.tile;
    for (let i = n - 1; i >= 0; i--) { // the most used on top
      const [x, y] = at(i, f);
      if (x < -t || y < -t || x > w + t || y > h + t) continue;
      paint.drawImage(sprite, i % data.columns * s, Math.floor(i / data.columns) * s, s, s, x - t / 2, y - t / 2, t, t);
    }
    if (chosen >= 0) {
      const [x, y] = at(chosen, f), style = getComputedStyle(document.documentElement);
      paint.drawImage(sprite, chosen % data.columns * s, Math.floor(chosen / data.columns) * s, s, s, x - t / 2, y - t / 2, t, t);
      paint.lineWidth = 2; paint.strokeStyle = style.getPropertyValue("--warm");
      paint.strokeRect(x - t / 2 - 2, y - t / 2 - 2, t + 4, t + 4);
    }
  }
  const redraw = () => { if (!frame) frame = requestAnimationFrame(draw); };

  function zoom(factor, x, y) {
    const f = fit(), scale = Math.min(60, Math.max(0.7, view.scale * factor)), k = scale / view.scale;
    x = x === undefined ? size().w / 2 : x; y = y === undefined ? size().h / 2 : y;
    view.x = x - f.left - (x - f.left - view.x) * k; view.y = y - f.top - (y - f.top - view.y) * k; view.scale = scale;
    redraw();
  }
  function reset() { view = { scale: 1, x: 0, y: 0 }; redraw(); }

  function choose(x, y) {
    const f = fit();
    let best = -1, least = Math.max(tile(f), 14) ** 2;
    for (let i = 0; i < n; i++) { const [px, py] = at(i, f), d = (px - x) ** 2 + (py - y) ** 2; if (d < least) { least = d; best = i; } }
    if (best === chosen) return;
    chosen = best; redraw();
    readout.hidden = best < 0;
    if (best < 0) return;
    const p = thumb.getContext("2d"); p.imageSmoothingEnabled = false;
    p.drawImage(sprite, best % data.columns * data.tile, Math.floor(best / data.columns) * data.tile, data.tile, data.tile, 0, 0, 60, 60);
    words.textContent = "atom " + data.atoms[best] + (data.usage ? ", active in " + (100 * data.usage[best] / data.coded).toPrecision(2) + " % of patches" : "");
  }

  function go(name) {
    if (name === layout) return;
    layout = name;
    document.querySelectorAll("[data-layout]").forEach(b => b.setAttribute("aria-pressed", b.dataset.layout === name));
    const from = place.slice(), to = data[name], wide = extent, end = data.extent[name], began = performance.now(), time = still ? 0 : 900;
    const step = now => {
      if (layout !== name) return;
      const k = time ? Math.min(1, (now - began) / time) : 1, e = k < .5 ? 4 * k * k * k : 1 - (2 - 2 * k) ** 3 / 2;
      for (let i = 0; i < 2 * n; i++) place[i] = from[i] + (to[i] - from[i]) * e;
      extent = [wide[0] + (end[0] - wide[0]) * e, wide[1] + (end[1] - wide[1]) * e];
      draw();
      if (k < 1) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  const local = e => { const r = canvas.getBoundingClientRect(); return [e.clientX - r.left, e.clientY - r.top]; };
  const fingers = new Map();
  canvas.addEventListener("pointerdown", e => { canvas.setPointerCapture(e.pointerId); fingers.set(e.pointerId, local(e)); canvas.classList.add("drag"); });
  canvas.addEventListener("pointermove", e => {
    const now = local(e), was = fingers.get(e.pointerId);
    if (!was) { choose(...now); return; }
    if (fingers.size === 1) { view.x += now[0] - was[0]; view.y += now[1] - was[1]; redraw(); }
    else {
      const other = [...fingers].find(([id]) => id !== e.pointerId)[1];
      const span = p => Math.hypot(p[0] - other[0], p[1] - other[1]) || 1;
      zoom(span(now) / span(was), (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
    }
    fingers.set(e.pointerId, now);
  });
  const lift = e => { fingers.delete(e.pointerId); canvas.classList.remove("drag"); };
  canvas.addEventListener("pointerup", e => { lift(e); choose(...local(e)); });
  canvas.addEventListener("pointercancel", lift);
  canvas.addEventListener("pointerleave", () => { if (!fingers.size) choose(-1e6, -1e6); });
  canvas.addEventListener("wheel", e => {
    if (document.activeElement !== canvas && !e.ctrlKey && !e.metaKey) return; // the page scrolls
    e.preventDefault(); zoom(Math.exp(-e.deltaY * (e.ctrlKey ? .01 : .0016)), ...local(e));
  }, { passive: false });
  canvas.addEventListener("keydown", e => {
    const step = 60, keys = { ArrowLeft: [step, 0], ArrowRight: [-step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
    if (keys[e.key]) { view.x += keys[e.key][0]; view.y += keys[e.key][1]; redraw(); }
    else if (e.key === "+" || e.key === "=") zoom(1.3);
    else if (e.key === "-") zoom(1 / 1.3);
    else if (e.key === "0") reset();
    else if (e.key === "Escape") canvas.blur();
    else return;
    e.preventDefault();
  });
  document.querySelectorAll("[data-zoom]").forEach(b => b.addEventListener("click", () => +b.dataset.zoom ? zoom(+b.dataset.zoom) : reset()));
  document.querySelectorAll("[data-layout]").forEach(b => b.addEventListener("click", () => go(b.dataset.layout)));
  new ResizeObserver(redraw).observe(canvas);
  sprite.onload = redraw;
  sprite.src = data.sprite;
})();
