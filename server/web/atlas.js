// The map of atoms: tiles of one sprite on a canvas that can be moved and zoomed.
import { about } from "./dom.js";

const sprite = new Image();
const still = matchMedia("(prefers-reduced-motion: reduce)");
let layouts = null;

// load prepares the layouts, once: turned to be widest from left to right, drawn
// apart near the middle, and scaled to have a longer side of 1.
export function load(data) {
  if (layouts) return;
  layouts = { atoms: data.atoms, usage: data.usage, patches: data.patches, at: new Map(data.atoms.map((a, i) => [a, i])),
    near: fitted(level(data.near)), spectral: fitted(spread(data.spectral)) };
  sprite.src = "api/atoms.png";
}

export const onMap = a => layouts.at.has(a);
export const usage = a => layouts.usage[layouts.at.get(a)] / layouts.patches;

function fitted(p) {
  const xs = p.map(q => q[0]), ys = p.map(q => q[1]);
  const low = [Math.min(...xs), Math.min(...ys)], high = [Math.max(...xs), Math.max(...ys)], side = Math.max(high[0] - low[0], high[1] - low[1]) || 1;
  return { points: p.map(q => [(q[0] - (low[0] + high[0]) / 2) / side, ((low[1] + high[1]) / 2 - q[1]) / side]), extent: [(high[0] - low[0]) / side || 1, (high[1] - low[1]) / side || 1] };
}
function level(p) {
  let xx = 0, xy = 0, yy = 0;
  for (const [x, y] of p) { xx += x * x; xy += x * y; yy += y * y; }
  const a = Math.atan2(2 * xy, xx - yy) / 2, s = Math.sin(a), c = Math.cos(a);
  return p.map(([x, y]) => [c * x + s * y, c * y - s * x]);
}
function spread(p) {
  const mean = k => p.reduce((sum, q) => sum + Math.abs(q[k]), 0) / p.length || 1, m = [mean(0), mean(1)];
  return p.map(q => [Math.asinh(q[0] / m[0]), Math.asinh(q[1] / m[1])]);
}

// Atlas draws the map on a canvas. With dots, all atoms but the marked ones are
// dots, and it does not move.
export class Atlas {
  constructor(canvas, { dots = false, chosen = null } = {}) {
    Object.assign(this, { canvas, dots, chosen, paint: canvas.getContext("2d"), view: { scale: 1, x: 0, y: 0 }, layout: "near", marked: new Set(), ring: -1, frame: 0, places: null });
    new ResizeObserver(() => this.redraw()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.redraw());
    sprite.addEventListener("load", () => this.redraw());
    if (!dots) this.listen();
  }

  mark(atoms, ring) { this.marked = new Set(atoms); this.ring = ring; this.redraw(); }
  redraw() { if (!this.frame) this.frame = requestAnimationFrame(() => { this.frame = 0; this.draw(); }); }
  geometry() {
    const w = this.canvas.clientWidth, h = this.canvas.clientHeight, [ex, ey] = this.places.extent;
    const side = Math.min((w - 44) / ex, (h - 44) / ey), n = layouts.atoms.length;
    return { w, h, side, tile: Math.max(5, Math.sqrt(side * side * ex * ey / n) * 0.62) * Math.pow(this.view.scale, 0.72) };
  }
  at(i, g) { const p = this.places.points[i], k = g.side * this.view.scale; return [g.w / 2 + this.view.x + p[0] * k, g.h / 2 + this.view.y + p[1] * k]; }

  draw() {
    if (!layouts || !this.canvas.clientWidth) return;
    this.places ??= layouts[this.layout];
    const g = this.geometry(), ratio = devicePixelRatio || 1, p = this.paint, style = getComputedStyle(document.documentElement);
    this.canvas.width = Math.round(g.w * ratio); this.canvas.height = Math.round(g.h * ratio);
    p.setTransform(ratio, 0, 0, ratio, 0, 0);
    p.imageSmoothingEnabled = false;
    const tile = (i, x, y, t) => { const a = layouts.atoms[i], s = about.patch; p.drawImage(sprite, a % about.columns * s, Math.floor(a / about.columns) * s, s, s, x - t / 2, y - t / 2, t, t); };
    const late = [];
    p.fillStyle = style.getPropertyValue("--edge");
    for (let i = layouts.atoms.length - 1; i >= 0; i--) { // the most used on top
      const [x, y] = this.at(i, g), a = layouts.atoms[i];
      if (x < -g.tile || y < -g.tile || x > g.w + g.tile || y > g.h + g.tile) continue;
      if (this.marked.has(a) || a === this.ring) late.push([i, x, y]);
      else if (this.dots) p.fillRect(x - 1, y - 1, 2, 2);
      else tile(i, x, y, g.tile);
    }
    for (const [i, x, y] of late) {
      const t = this.dots ? 20 : Math.max(g.tile, 14);
      tile(i, x, y, t);
      p.lineWidth = 2; p.strokeStyle = style.getPropertyValue(layouts.atoms[i] === this.ring ? "--warm" : "--cold");
      p.strokeRect(x - t / 2 - 1, y - t / 2 - 1, t + 2, t + 2);
    }
  }

  zoom(factor, x = this.canvas.clientWidth / 2, y = this.canvas.clientHeight / 2) {
    const g = this.geometry(), v = this.view, scale = Math.min(60, Math.max(0.7, v.scale * factor)), k = scale / v.scale;
    v.x = x - g.w / 2 - (x - g.w / 2 - v.x) * k; v.y = y - g.h / 2 - (y - g.h / 2 - v.y) * k; v.scale = scale;
    this.redraw();
  }
  reset() { this.view = { scale: 1, x: 0, y: 0 }; this.redraw(); }
  nearest(x, y, within) {
    const g = this.geometry();
    let best = -1, least = Math.max(g.tile, within) ** 2;
    for (let i = 0; i < layouts.atoms.length; i++) { const [px, py] = this.at(i, g), d = (px - x) ** 2 + (py - y) ** 2; if (d < least) { least = d; best = layouts.atoms[i]; } }
    return best;
  }
  // centre brings an atom to the middle, if it is out of sight.
  centre(a) {
    if (!onMap(a)) return;
    this.places ??= layouts[this.layout];
    const g = this.geometry(), [x, y] = this.at(layouts.at.get(a), g);
    if (x < 20 || y < 20 || x > g.w - 20 || y > g.h - 20) { this.view.x += g.w / 2 - x; this.view.y += g.h / 2 - y; this.redraw(); }
  }

  go(layout) {
    const from = this.places ?? layouts[this.layout], to = layouts[layout], began = performance.now(), time = still.matches ? 0 : 700;
    this.layout = layout;
    const step = now => {
      if (this.layout !== layout) return;
      const k = time ? Math.min(1, (now - began) / time) : 1, e = k < .5 ? 4 * k * k * k : 1 - (2 - 2 * k) ** 3 / 2, mix = (a, b) => a + (b - a) * e;
      this.places = k === 1 ? to : { points: to.points.map((p, i) => [mix(from.points[i][0], p[0]), mix(from.points[i][1], p[1])]), extent: [mix(from.extent[0], to.extent[0]), mix(from.extent[1], to.extent[1])] };
      this.draw();
      if (k < 1) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  listen() {
    const c = this.canvas, fingers = new Map();
    const local = e => { const r = c.getBoundingClientRect(); return [e.clientX - r.left, e.clientY - r.top]; };
    let moved = 0;
    c.addEventListener("pointerdown", e => { c.setPointerCapture(e.pointerId); fingers.set(e.pointerId, local(e)); moved = 0; c.classList.add("drag"); });
    c.addEventListener("pointermove", e => {
      const now = local(e), was = fingers.get(e.pointerId);
      if (!was) return;
      moved += Math.hypot(now[0] - was[0], now[1] - was[1]);
      if (fingers.size === 1) { this.view.x += now[0] - was[0]; this.view.y += now[1] - was[1]; this.redraw(); }
      else {
        const other = [...fingers].find(([id]) => id !== e.pointerId)[1], span = p => Math.hypot(p[0] - other[0], p[1] - other[1]) || 1;
        this.zoom(span(now) / span(was), (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
      }
      fingers.set(e.pointerId, now);
    });
    const lift = e => { fingers.delete(e.pointerId); c.classList.remove("drag"); };
    c.addEventListener("pointerup", e => {
      lift(e);
      if (moved > 6) return;
      const a = this.nearest(...local(e), 16);
      if (a >= 0) this.chosen(a);
    });
    c.addEventListener("pointercancel", lift);
    c.addEventListener("wheel", e => {
      if (document.activeElement !== c && !e.ctrlKey && !e.metaKey) return; // the page scrolls
      e.preventDefault(); this.zoom(Math.exp(-e.deltaY * (e.ctrlKey ? .01 : .0016)), ...local(e));
    }, { passive: false });
    c.addEventListener("keydown", e => {
      const step = 60, keys = { ArrowLeft: [step, 0], ArrowRight: [-step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
      if (keys[e.key]) { this.view.x += keys[e.key][0]; this.view.y += keys[e.key][1]; this.redraw(); }
      else if (e.key === "+" || e.key === "=") this.zoom(1.3);
      else if (e.key === "-") this.zoom(1 / 1.3);
      else if (e.key === "0") this.reset();
      else if (e.key === "Enter") { const a = this.nearest(c.clientWidth / 2, c.clientHeight / 2, 1e6); if (a >= 0) this.chosen(a); }
      else return;
      e.preventDefault();
    });
  }
}
