// What the views share: requests, elements, tiles.

export const state = { view: "image", image: "test-0", patch: 0, other: "", t: 0, lambda: 0, crop: "", atom: -1 };
export const about = {}; // the model, once it is known

export const byId = id => document.getElementById(id);

export function el(tag, props = {}, ...children) {
  const e = document.createElement(tag);
  for (const [k, v] of Object.entries(props)) {
    if (k in e) e[k] = v; else e.setAttribute(k, v);
  }
  e.append(...children);
  return e;
}

const answers = new Map(); // of GET requests, which do not change; the last ones
export async function api(path, options) {
  if (!options && answers.has(path)) return answers.get(path);
  const answer = fetch("api/" + path, options).then(async r => {
    const body = await r.json();
    if (!r.ok) throw new Error(body.error);
    return body;
  });
  if (!options) {
    answers.set(path, answer);
    if (answers.size > 200) answers.delete(answers.keys().next().value);
    answer.catch(() => answers.delete(path));
  }
  return answer;
}

// A link to a view, with the state but for what is changed.
export function hrefTo(view, changes = {}) {
  const s = { ...state, ...changes }, q = new URLSearchParams();
  q.set("image", s.image);
  q.set("patch", s.patch);
  if (s.other) q.set("other", s.other);
  if (s.crop) q.set("crop", s.crop);
  if (s.t) q.set("t", s.t);
  if (s.lambda) q.set("lambda", s.lambda);
  if (s.atom >= 0) q.set("atom", s.atom);
  return "#" + view + "?" + q.toString().replaceAll("%2C", ",");
}

export const pixels = (id, crop) => "api/images/" + id + "/pixels.png" + (crop ? "?crop=" + crop : "");
export const pictureOf = id => "api/images/" + id + "/picture.png";
export const tileOf = (id, patch) => "api/images/" + id + "/patches/" + patch + "/tile.png";

// named is what to call an image, by its class, if it has one, and its item.
export function named(id, name, item) {
  const [kind, n, flip] = id.split("-");
  const what = { test: (about.origin.split === "test" && about.origin.fitted === "none" ? "test image " : "image ") + n, bank: "bank image " + n, upload: "your image" }[kind] + (flip ? ", flipped" : "");
  return (name ? name + ", " : "") + what + (item ? " (" + item + ")" : "");
}

export const fixed = (v, digits) => (v < 0 && +v.toFixed(digits) !== 0 ? "−" : "") + Math.abs(v).toFixed(digits);
export const count = n => String(n).replace(/\B(?=(\d{3})+$)/g, ",");
export const plural = (n, word) => count(n) + " " + word + (n === 1 ? "" : "s");

// The picture of an atom.
export function atom(a, size = 40, label = "atom " + a) {
  const e = el("span", { className: "atom", role: "img", "aria-label": label });
  size = about.patch * Math.max(1, Math.round(size / about.patch));
  const rows = Math.ceil(about.atoms / about.columns);
  Object.assign(e.style, {
    width: size + "px", height: size + "px", backgroundImage: "url(api/atoms.png)",
    backgroundSize: about.columns * size + "px " + rows * size + "px",
    backgroundPosition: -(a % about.columns) * size + "px " + -Math.floor(a / about.columns) * size + "px",
  });
  return e;
}

export function atomLink(a, text) {
  return el("a", { className: "tile", href: hrefTo("map", { atom: a }), title: "atom " + a }, atom(a, 48), text);
}

// Atoms with their cosines, the first two dozen at once.
export function atoms(where, list) {
  const some = 24, link = s => atomLink(s.atom, fixed(s.cosine, 3));
  where.replaceChildren(...list.slice(0, some).map(link));
  if (list.length <= some) return;
  const all = el("button", { className: "all", textContent: "Show all " + count(list.length) });
  all.addEventListener("click", () => { all.replaceWith(...list.slice(some).map(link)); where.children[some].focus(); });
  where.append(all);
}

export function imageTile(id, name, item, text, href) {
  const img = el("img", { src: pixels(id), alt: named(id, name), loading: "lazy" });
  img.style.setProperty("--aspect", about.width + "/" + about.height);
  return el("a", { className: "tile", href, title: named(id, name, item) }, img, ...text);
}

// Neighbours in three spaces, as links.
export function spaces(where, found) {
  const say = { signal: ["signal", "looks the same"], code: ["sparse code", "shares atoms"], embedding: ["embedding", "near by the map"] };
  where.replaceChildren(...["signal", "code", "embedding"].map((space, s) => {
    const tiles = found[space].map(n => {
      const cosine = fixed(n.cosines[s], 2);
      if (n.atom !== undefined) return atomLink(n.atom, cosine);
      const label = "patch " + n.patch + " of " + named(n.image, n.class, n.item) + ", cosine " + cosine;
      return el("a", { className: "tile", href: hrefTo("patch", { image: n.image, patch: n.patch, crop: "" }), title: label },
        el("img", { src: tileOf(n.image, n.patch), alt: label, loading: "lazy" }), cosine);
    });
    return el("div", { "data-space": space }, el("h4", {}, say[space][0], el("span", {}, say[space][1])), el("div", { className: "tiles" }, ...tiles));
  }));
}

// Rows of a label, a number and a bar.
export function bars(where, rows) {
  const most = Math.max(...rows.map(r => Math.abs(r.value)), 1e-12);
  where.replaceChildren(...rows.flatMap(r => {
    const bar = el("i", { className: r.value < 0 ? "less" : "" });
    bar.style.width = 100 * Math.abs(r.value) / most + "%";
    return [el("span", {}, r.label), el("span", { className: "v" }, r.text), el("span", { "aria-hidden": "true" }, bar)];
  }));
}

const ns = "http://www.w3.org/2000/svg";
function shape(tag, attributes, text) {
  const e = document.createElementNS(ns, tag);
  for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v);
  if (text !== undefined) e.textContent = text;
  return e;
}

// A line over thresholds, with the model's own and the present one marked. steps
// are the ticks, and scale brings a value between the first and the last to 0..1.
export function chart(svg, alt, points, own, now, steps, scale) {
  const w = 380, h = 190, left = 40, right = 8, top = 8, bottom = 24, low = points[0][0], high = points.at(-1)[0];
  const x = t => left + (t - low) / (high - low) * (w - left - right), y = v => h - bottom - scale(v) * (h - top - bottom);
  svg.setAttribute("viewBox", `0 0 ${w} ${h}`);
  svg.setAttribute("aria-label", alt);
  svg.replaceChildren(
    ...steps.flatMap(v => [shape("line", { class: "axis", x1: left, x2: w - right, y1: y(v), y2: y(v) }), shape("text", { x: left - 7, y: y(v) + 4, "text-anchor": "end" }, fixed(v, v % 1 ? 1 : 0))]),
    ...[0.1, 0.3, 0.5, 0.7, 0.9].map(t => shape("text", { x: x(t), y: h - 6, "text-anchor": "middle" }, t)),
    shape("line", { class: "own", x1: x(own), x2: x(own), y1: top, y2: h - bottom }),
    shape("line", { class: "now", x1: x(now[0]), x2: x(now[0]), y1: top, y2: h - bottom }),
    shape("polyline", { class: "line", points: points.map(([t, v]) => x(t).toFixed(1) + "," + y(v).toFixed(1)).join(" ") }),
    shape("circle", { class: "dot", cx: x(now[0]), cy: y(now[1]), r: 4.5 }));
}
