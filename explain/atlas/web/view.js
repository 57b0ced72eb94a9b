// The map on a canvas: a dot for each item and, where there is room, its thumbnail.
const canvas = document.querySelector(".plane canvas"), paint = canvas.getContext("2d");
const palette = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#888888", "#5b3a8c", "#6b3d1e"];
const view = { scale: 1, x: 0, y: 0 }, show = { colour: null, only: -1, chosen: -1, selected: new Set(), marked: new Set(), lasso: null, bare: false };
const style = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const rgb = hex => [1, 3, 5].map(i => parseInt(hex.slice(i, i + 2), 16));
// The scale of scores, from low to high: cividis (Nuñez et al. 2018), which colour-blind readers see alike.
const cividis = ["#00204d", "#31446b", "#666970", "#958f78", "#cbba69", "#ffea46"].map(rgb);
function ramp(v) {
  const t = Math.min(.9999, Math.max(0, v)) * (cividis.length - 1), i = Math.floor(t), f = t - i;
  return cividis[i].map((c, j) => Math.round(c + (cividis[i + 1][j] - c) * f));
}

let frame = 0, tints = null, seen = [];
const redraw = () => { if (!frame) frame = requestAnimationFrame(() => { frame = 0; draw(); }); };
const geometry = () => {
  const w = canvas.clientWidth, h = canvas.clientHeight;
  const fit = Math.min((w - 48) / about.width, (h - 48) / about.height), k = fit * view.scale;
  return { w, h, fit, k, left: w / 2 + view.x - k * about.width / 2, top: h / 2 + view.y - k * about.height / 2 };
};
const at = (i, g) => [g.left + data.places[2 * i] * g.k, g.top + data.places[2 * i + 1] * g.k];
const side = () => Math.min(96, Math.max(18, 18 * Math.pow(view.scale, 0.45)));

// recolour computes the colour of each item; null is that of no kind.
function recolour() {
  const soft = rgb(style("--soft")), dim = rgb(style("--dim")), { colour, only } = show;
  tints = Array.from({ length: about.items }, (_, i) => {
    if (show.selected.size && !show.selected.has(i)) return dim;
    if (!colour) return soft;
    if (colour.scores) { const s = about.scores[colour.n]; return ramp((colour.scores[i] - s.low) / (s.high - s.low || 1)); }
    const kind = colour.kinds[i];
    if (only >= 0 && kind !== only) return dim;
    return kind < 0 ? soft : colour.shades[kind % palette.length];
  });
  redraw();
}
const faded = i => show.selected.size && !show.selected.has(i) || show.only >= 0 && show.colour?.kinds?.[i] !== show.only;

function draw() {
  const g = geometry(), ratio = Math.min(2, devicePixelRatio || 1);
  if (!g.w || !tints) return;
  const W = Math.round(g.w * ratio), H = Math.round(g.h * ratio);
  if (canvas.width !== W || canvas.height !== H) { canvas.width = W; canvas.height = H; }
  dots(g, ratio, W, H);
  paint.setTransform(ratio, 0, 0, ratio, 0, 0);
  thumbnails(g);
  if (show.lasso) {
    paint.beginPath(); show.lasso.forEach(([x, y], i) => i ? paint.lineTo(x, y) : paint.moveTo(x, y)); paint.closePath();
    paint.lineWidth = 2; paint.setLineDash([6, 4]); paint.strokeStyle = style("--ink"); paint.stroke(); paint.setLineDash([]);
  }
}

// dots writes pixels, which 100,000 items take a few milliseconds for.
function dots(g, ratio, W, H) {
  const image = paint.createImageData(W, H), pixels = new Uint32Array(image.data.buffer), [r, b, l] = rgb(style("--wash"));
  pixels.fill(0xff000000 | l << 16 | b << 8 | r);
  const d = Math.max(2, Math.round(ratio * Math.min(5, 2 * Math.pow(view.scale, 0.3))));
  for (let i = 0; i < about.items; i++) {
    const x = Math.round((g.left + data.places[2 * i] * g.k) * ratio - d / 2), y = Math.round((g.top + data.places[2 * i + 1] * g.k) * ratio - d / 2);
    if (x < 0 || y < 0 || x + d > W || y + d > H) continue;
    const c = tints[i], v = 0xff000000 | c[2] << 16 | c[1] << 8 | c[0];
    for (let dy = 0; dy < d; dy++) pixels.fill(v, (y + dy) * W + x, (y + dy) * W + x + d);
  }
  paint.putImageData(image, 0, 0);
}

// thumbnails draws those first that stand for the largest part of the plane, one in each square of the size of one.
function thumbnails(g) {
  const s = side(), cell = s + 3, taken = new Set(), visible = [];
  for (let r = 0; r < about.items; r++) {
    const i = data.ranked[r], [x, y] = at(i, g);
    if (x < -s || y < -s || x > g.w + s || y > g.h + s || faded(i)) continue;
    const key = Math.floor((x - g.left) / cell) * 1e6 + Math.floor((y - g.top) / cell);
    if (taken.has(key)) continue;
    taken.add(key);
    visible.push([i, x, y]);
  }
  // Sheets are decoded once there are few enough to be kept.
  const needed = new Set(visible.map(([i]) => Math.floor(i / perSheet))), large = needed.size <= mostSheets - 4;
  seen = [];
  paint.imageSmoothingEnabled = s < about.tile;
  for (const [i, x, y] of visible) put(i, x, y, s, large);
  for (const i of show.marked) put(i, ...at(i, g), Math.max(s, 20), true, "--marked");
  if (show.chosen >= 0) {
    const near = show.bare ? [] : neighbours(show.chosen);
    paint.lineWidth = 1.5; paint.strokeStyle = style("--mark");
    const [cx, cy] = at(show.chosen, g);
    for (const n of near) { const [x, y] = at(n.item, g); paint.beginPath(); paint.moveTo(cx, cy); paint.lineTo(x, y); paint.stroke(); }
    for (const n of near) put(n.item, ...at(n.item, g), Math.max(s, 30), true, "--ink");
    put(show.chosen, cx, cy, Math.max(s * 1.3, 44), true, "--mark");
  }
}

function put(i, x, y, s, large, ring) {
  const from = large || data.slot[i] >= 0 ? tile(i, large && (s > 20 || data.slot[i] < 0), redraw) : null;
  if (!from) return;
  const k = s / Math.max(from.w, from.h), w = from.w * k, h = from.h * k, edge = ring ? 3 : 2;
  paint.fillStyle = ring ? style(ring) : `rgb(${tints[i]})`;
  if (ring || show.colour) paint.fillRect(x - w / 2 - edge, y - h / 2 - edge, w + 2 * edge, h + 2 * edge);
  paint.drawImage(from.s, from.x, from.y, from.w, from.h, x - w / 2, y - h / 2, w, h);
  seen.push(i);
}

function neighbours(k) {
  const list = [];
  for (let r = 0; r < about.near; r++) {
    const v = data.near[k * about.near + r];
    if (v >= 0) list.push({ item: v >> 1, flip: v & 1, cosine: data.cosines[k * about.near + r] / 100 });
  }
  return list;
}

function zoom(factor, x = canvas.clientWidth / 2, y = canvas.clientHeight / 2) {
  const g = geometry(), scale = Math.min(400, Math.max(0.6, view.scale * factor)), k = scale / view.scale;
  view.x = x - g.w / 2 - (x - g.w / 2 - view.x) * k; view.y = y - g.h / 2 - (y - g.h / 2 - view.y) * k; view.scale = scale;
  redraw();
}
function reset() { Object.assign(view, { scale: 1, x: 0, y: 0 }); redraw(); }
function centre(i) {
  const g = geometry(), [x, y] = at(i, g);
  if (!g.w) return; // it is not shown yet
  if (x < 40 || y < 40 || x > g.w - 40 || y > g.h - 40) { view.x += g.w / 2 - x; view.y += g.h / 2 - y; }
  redraw();
}
// under is the item at a place: one whose thumbnail is drawn there, or the nearest dot.
function under(x, y, within) {
  const g = geometry(), s = side() / 2 + 2;
  for (let n = seen.length - 1; n >= 0; n--) { const [px, py] = at(seen[n], g); if (Math.abs(px - x) <= s && Math.abs(py - y) <= s) return seen[n]; }
  let best = -1, least = within ** 2;
  for (let i = 0; i < about.items; i++) { const [px, py] = at(i, g), d = (px - x) ** 2 + (py - y) ** 2; if (d < least) { least = d; best = i; } }
  return best;
}
