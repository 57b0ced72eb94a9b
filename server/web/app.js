// The page of smt serve: the address holds the state, and each view shows it.
import { about, api, atom, atoms, bars, byId, chart, count, el, fixed, hrefTo, imageTile, named, pictureOf, pixels, plural, spaces, state } from "./dom.js";
import { cropper, fit, picker } from "./picker.js";
import { Frame } from "./map.js";
import { defaultLambda, leaveKept, showKept } from "./kept.js";

const views = { image: showImage, patch: showPatch, map: showMap, search: showSearch, compare: showCompare, threshold: showThreshold, kept: (image, current) => showKept(image, current, say) };
const say = text => { byId("status").textContent = text; };
const bold = text => el("b", {}, text);

function complain(error) {
  byId("problem").textContent = error ? error.message : "";
  byId("problem").hidden = !error;
}

// go changes the state; replaced, so that the way back skips small steps.
function go(view, changes, replace = true) {
  const to = hrefTo(view, changes);
  if (to === location.hash) return;
  if (replace) { history.replaceState(null, "", to); update(); } else location.hash = to;
}
const change = changes => go(state.view, changes);

function read() {
  const [view, query] = location.hash.slice(1).split("?"), q = new URLSearchParams(query || "");
  const n = (name, low, high, fallback) => { const v = q.has(name) ? Number(q.get(name)) : NaN; return v >= low && v <= high ? v : fallback; };
  Object.assign(state, { view: views[view] ? view : "image", image: q.get("image") || "test-0", other: q.get("other") || "", crop: q.get("crop") || "",
    patch: Math.floor(n("patch", 0, about.rows * about.cols - 1, middle())), t: n("t", 0.05, 0.95, 0), lambda: n("lambda", 0.05, 0.4, 0), atom: Math.floor(n("atom", 0, about.atoms - 1, -1)) });
}
const middle = () => Math.floor(about.rows / 2) * about.cols + Math.floor(about.cols / 2);

let turn = 0; // of the last update: answers to earlier ones come too late
async function update() {
  const own = ++turn, was = state.view;
  leaveKept();
  read();
  for (const a of document.querySelectorAll("nav a")) {
    a.href = hrefTo(a.dataset.view);
    if (a.dataset.view === state.view) { a.setAttribute("aria-current", "page"); a.scrollIntoView({ block: "nearest", inline: "nearest" }); } else a.removeAttribute("aria-current");
  }
  for (const v of Object.keys(views)) byId("view-" + v).hidden = v !== state.view;
  document.title = state.view[0].toUpperCase() + state.view.slice(1) + " · " + about.name;
  if (was !== state.view) scrollTo(0, 0);
  const main = byId("main");
  main.classList.toggle("alone", ["search", "compare", "kept"].includes(state.view));
  byId("place").hidden = state.view === "image";
  byId("place-note").textContent = state.view === "image" ? "Click a place to look at its patch." : "Click the image, or move the frame by the arrow keys.";
  main.classList.add("busy");
  main.setAttribute("aria-busy", "true");
  const current = () => own === turn;
  try {
    const image = await api("images/" + state.image);
    if (!current()) return;
    subject(image);
    await views[state.view](image, current);
    if (current()) complain(null);
  } catch (e) {
    if (current()) complain(e);
  }
  if (!current()) return;
  main.classList.remove("busy");
  main.removeAttribute("aria-busy");
}

// ---- the image at the side

const place = (r, c) => state.view === "image" ? go("patch", { patch: r * about.cols + c }, false) : change({ patch: r * about.cols + c });
const side = picker(byId("picker"), place);
const rowCol = () => [Math.floor(state.patch / about.cols), state.patch % about.cols];

function subject(image) {
  const [r, c] = rowCol();
  side.show(pixels(state.image), named(state.image, image.class), r, c);
  byId("subject-class").textContent = image.class || "";
  byId("subject-id").textContent = named(state.image, "", image.item);
  byId("row").value = r; byId("col").value = c;
}
for (const id of ["row", "col"]) byId(id).addEventListener("change", () => {
  const bound = (v, most) => Math.min(most, Math.max(0, Math.floor(v) || 0));
  place(bound(byId("row").value, about.rows - 1), bound(byId("col").value, about.cols - 1));
});

// ---- image

let listed = 0;
async function showImage(image, current) {
  if (!listed) await more();
  for (const a of byId("tests").children) {
    if (a.dataset.id === state.image) a.setAttribute("aria-current", "true"); else a.removeAttribute("aria-current");
    a.href = hrefTo("image", { image: a.dataset.id, crop: "" });
  }
  const numbers = [[count(image.patches), "patches"], [fixed(image.active, 1), "active atoms of a patch"], [count(image.atoms), "atoms active somewhere"]];
  if (image.blank) numbers.splice(1, 0, [count(image.blank), "of them blank"]);
  byId("image-numbers").replaceChildren(...numbers.map(([v, name]) => el("div", {}, el("dt", {}, name), el("dd", {}, v))));
  const found = await api("images/" + state.image + "/neighbours");
  if (!current()) return;
  const line = byId("image-vote");
  const [first] = found.votes;
  if (!first) line.replaceChildren();
  else line.replaceChildren(`Its ${found.neighbours.length} nearest neighbours vote for `, bold(first.class), `, with ${fixed(100 * first.share, 0)} % of the votes`, image.class ? (image.class === first.class ? ": right." : `; it is of class ${image.class}.`) : ".",
    " ", el("a", { href: hrefTo("search") }, "See them"), ", ", el("a", { href: hrefTo("patch") }, "look at its patches"), " or ", el("a", { href: hrefTo("compare") }, "compare it"), ".");
  say(`${named(state.image, image.class)}: ${image.patches} patches`);
}
async function more() {
  const { total, images } = await api(`images?from=${listed}&count=60`);
  byId("tests").append(...images.map(i => {
    const a = imageTile(i.id, i.class, i.item, [i.class || i.id], hrefTo("image", { image: i.id, crop: "" }));
    a.dataset.id = i.id;
    return a;
  }));
  listed += images.length;
  byId("more").hidden = listed >= total;
}
byId("more").addEventListener("click", () => more().catch(complain));

async function upload(file, asOther) {
  if (!file) return;
  say("Reading the image");
  try {
    const image = await api("images", { method: "POST", body: file });
    if (asOther) go("compare", { other: image.id }, false);
    else go(state.view, { image: image.id, crop: "" }, false);
  } catch (e) { complain(e); }
}
for (const id of ["file", "file-b"]) byId(id).addEventListener("change", e => { upload(e.target.files[0], id === "file-b"); e.target.value = ""; });
const files = e => e.dataTransfer?.types.includes("Files");
addEventListener("dragover", e => { if (files(e)) { e.preventDefault(); document.body.classList.add("dragging"); } });
addEventListener("dragleave", e => { if (!e.relatedTarget) document.body.classList.remove("dragging"); });
addEventListener("drop", e => { document.body.classList.remove("dragging"); if (files(e)) { e.preventDefault(); upload(e.dataTransfer.files[0], state.view === "compare" && e.clientX > innerWidth / 2); } });
addEventListener("paste", e => { const f = [...(e.clipboardData?.files || [])].find(f => f.type.startsWith("image/")); if (f) upload(f, false); });

// ---- patch

let among = "patches";
const small = new Frame(byId("place-map"));
async function showPatch(image, current) {
  const [p, map] = await Promise.all([api(`images/${state.image}/patches/${state.patch}`), api("map")]);
  if (!current()) return;
  const line = byId("patch-line"), onMap = atom => map.atoms.includes(atom);
  byId("patch-body").hidden = p.blank;
  if (p.blank) { line.textContent = "This patch is blank: all its pixels are alike, so there is nothing to code."; return; }
  line.replaceChildren(`The patch at row ${p.row}, column ${p.col} has `, bold(plural(p.active.length, "active atom")), ` of ${count(about.atoms)}`, p.filled ? ": none reaches the threshold, so the nearest stands in." : ".");
  byId("active-note").textContent = { nearest: "The atom nearest to the patch is its code.", l1: "Together they are its sparse code (L1): with values of their own, they add up to the patch. Each has its cosine with the patch." }[about.code] || "Each is an atom whose cosine with the patch reaches the threshold; together they are its code.";
  atoms(byId("active"), p.active);
  spaces(byId("spaces"), p[among]);
  const shown = p.active.filter(s => onMap(s.atom)).length, first = p.atoms.embedding[0].atom;
  small.mark(p.active.map(s => s.atom), first, true);
  const text = `${shown} of its ${plural(p.active.length, "active atom")} ${shown === 1 ? "is" : "are"} among the ${count(map.atoms.length)} on the map, framed in blue. The atom nearest to it in the embedding, ${first}, is framed in orange${onMap(first) ? "" : " but is not on the map"}.`;
  byId("place-text").replaceChildren(text, " ", el("a", { href: hrefTo("map", { atom: first }) }, "Open the map"), ".");
  byId("place-map").title = text;
  say(`row ${p.row}, column ${p.col}: ${plural(p.active.length, "active atom")}`);
}
for (const b of document.querySelectorAll("[data-among]")) b.addEventListener("click", () => {
  among = b.dataset.among;
  for (const o of document.querySelectorAll("[data-among]")) o.setAttribute("aria-pressed", o === b);
  update();
});

// ---- map

const large = new Frame(byId("map"), a => { if (a !== state.atom) change({ atom: a }); });
async function showMap(image, current) {
  const [map, p] = await Promise.all([api("map"), api(`images/${state.image}/patches/${state.patch}`)]);
  if (!current()) return;
  large.mark(p.active.map(s => s.atom), state.atom);
  byId("map-note").textContent = `${count(map.atoms.length)} of ${count(about.atoms)} atoms${map.atoms.length < about.atoms ? ", those most in use" : ""}. Blue frames: the ${plural(p.active.length, "active atom")} of the patch at the side. Click an atom to choose it; the wheel zooms once the map is clicked.`;
  byId("atom").max = about.atoms - 1;
  byId("atom").value = state.atom < 0 ? "" : state.atom;
  byId("atom-body").hidden = state.atom < 0;
  if (state.atom < 0) return;
  const a = await api("atoms/" + state.atom);
  if (!current()) return;
  byId("atom-tile").replaceChildren(atom(a.atom, 72));
  const line = byId("atom-line");
  line.replaceChildren(bold("Atom " + a.atom), ` is active in ${fixed(100 * a.usage / about.patches, 1)} % of ${count(about.patches)} patches`,
    map.atoms.includes(a.atom) ? "" : " and not on the map", a.mirror === undefined ? "." : a.mirror === a.atom ? "; it is its own mirror image." : "; its mirror image is ");
  if (a.mirror !== undefined && a.mirror !== a.atom) line.append(el("a", { href: hrefTo("map", { atom: a.mirror }) }, "atom " + a.mirror), ".");
  spaces(byId("atom-spaces"), a.atoms);
  say(line.textContent);
}
byId("atom").addEventListener("change", () => { const a = Number(byId("atom").value); if (byId("atom").value !== "" && a >= 0 && a < about.atoms) change({ atom: Math.floor(a) }); });
for (const b of document.querySelectorAll("[data-layout]")) b.addEventListener("click", () => {
  for (const o of document.querySelectorAll("[data-layout]")) o.setAttribute("aria-pressed", o === b);
  large.go(b.dataset.layout);
});

// ---- search

const crops = cropper(byId("cropper"), box => change({ crop: box ? box.join(",") : "" }));
let whole = { width: 1, height: 1 };
async function showSearch(image, current) {
  whole = image;
  const box = state.crop ? state.crop.split(",").map(Number) : null;
  crops.show(pictureOf(state.image), named(state.image, image.class), image, box);
  const all = fit([0, 0, 1e9], image);
  [byId("crop-x").value, byId("crop-y").value, byId("crop-w").value] = box || all;
  const found = await api(`images/${state.image}/neighbours${state.crop ? "?crop=" + state.crop : ""}`);
  if (!current()) return;
  byId("search-line").replaceChildren(`The `, bold(count(found.neighbours.length)), ` nearest to ${box ? "this part of " : ""}${named(state.image, image.class)}, among ${count(about.bank)} images${about.flips ? ", each as it is or flipped, whichever is nearer" : ""}.`);
  byId("found").replaceChildren(...found.neighbours.map(n => {
    const t = imageTile(n.id, n.class, n.item, [bold(fixed(n.cosine, 3)), el("br"), (n.class || n.id) + (n.mirrored ? ", flipped" : "")], hrefTo("compare", { other: n.id }));
    t.title = "compare with " + named(n.id, n.class, n.item);
    return t;
  }));
  byId("votes").previousElementSibling.hidden = !found.votes.length;
  bars(byId("votes"), found.votes.slice(0, 6).map(v => ({ label: v.class, value: v.share, text: fixed(100 * v.share, 1) + " %" })));
  const [n] = found.neighbours;
  say(`${found.neighbours.length} neighbours; the nearest is ${named(n.id, n.class)}, cosine ${fixed(n.cosine, 3)}`);
}
for (const id of ["crop-x", "crop-y", "crop-w"]) byId(id).addEventListener("change", () =>
  change({ crop: fit(["crop-x", "crop-y", "crop-w"].map(f => Number(byId(f).value) || 0), whole).join(",") }));
byId("crop-all").addEventListener("click", () => change({ crop: "" }));

// ---- compare

const pairPicker = picker(byId("a-picker"), place);
async function showCompare(image, current) {
  const near = await api(`images/${state.image}/neighbours`);
  const other = state.other || near.neighbours[0].id, [r, c] = rowCol();
  const at = `pairs/${state.image}/${other}`;
  const [p, tests] = await Promise.all([api(at), api("images?from=0&count=60")]);
  if (!current()) return;
  state.other = other;
  byId("pair-line").replaceChildren(`The embeddings of the two have a cosine of `, el("b", { id: "pair-cosine" }, fixed(p.cosine, 5)), `, and every bit of it has a place.`);
  byId("a-name").textContent = p.a.class || named(state.image); byId("b-name").textContent = p.b.class || named(other);
  byId("a-name").title = named(state.image, p.a.class, p.a.item); byId("b-name").title = named(other, p.b.class, p.b.item);
  pairPicker.show(pixels(state.image), named(state.image, p.a.class), r, c);
  const together = byId("with").checked;
  const show = (id, src, alt) => { if (!byId(id).src.endsWith(src)) byId(id).src = src; byId(id).alt = alt; };
  show("b-photo", pixels(other), named(other, p.b.class));
  show("a-heat", `api/${at}/heat.png?side=a`, "Image A with each pixel tinted by what it adds: " + hottest(p.a));
  show("b-heat", `api/${at}/heat.png?side=b${together ? "&with=" + state.patch : ""}`, together ? `Image B tinted by what its pixels add together with the patch at row ${r}, column ${c} of A` : "Image B with each pixel tinted by what it adds: " + hottest(p.b));
  byId("b-caption").textContent = together ? `with A's patch (${fixed(p.a.patches[state.patch], 5)})` : "what its pixels add";
  byId("heat-scale").textContent = together ? "A's colours are full at ±" + fixed(p.most, 5) + " a pixel, B's at the most that its pixels add" : `full at ±${fixed(p.most, 5)} a pixel and ±${fixed(Math.max(...p.cells.map(Math.abs)), 5)} a cell`;
  cells(p);
  const sum = list => list.reduce((a, b) => a + b, 0);
  const rows = [["cells", p.cells.length, sum(p.cells)], ["pixels of A", about.width * about.height, p.a.pixels], ["pixels of B", about.width * about.height, p.b.pixels], ["atoms of A", p.a.active, p.a.total], ["atoms of B", p.b.active, p.b.total]];
  byId("sums").tBodies[0].replaceChildren(...rows.map(([name, parts, v]) => el("tr", {}, el("th", { scope: "row" }, name), el("td", { className: "r" }, count(parts)), el("td", { className: "r" }, fixed(v, 5)))),
    el("tr", { className: "whole" }, el("th", { scope: "row" }, "cosine"), el("td", {}), el("td", { className: "r" }, fixed(p.cosine, 5))));
  bars(byId("pair-atoms"), p.a.atoms.slice(0, 10).map(s => ({ label: el("a", { href: hrefTo("map", { atom: s.atom }), title: "atom " + s.atom }, atom(s.atom, 24)), value: s.value, text: fixed(s.value, 5) })));
  const tile = (id, name, item, text) => { const t = imageTile(id, name, item, text, hrefTo("compare", { other: id })); if (id === other) t.setAttribute("aria-current", "true"); return t; };
  byId("others").replaceChildren(...near.neighbours.slice(0, 12).map(n => tile(n.id, n.class, n.item, [fixed(n.cosine, 3)])), ...tests.images.slice(0, 24).filter(i => i.id !== state.image).map(i => tile(i.id, i.class, i.item, [i.class || i.id])));
  for (const a of document.querySelectorAll("nav a")) a.href = hrefTo(a.dataset.view);
  say(`cosine ${fixed(p.cosine, 5)} of ${named(state.image, p.a.class)} and ${named(other, p.b.class)}`);
}
function hottest(side) {
  const i = side.patches.indexOf(Math.max(...side.patches));
  return `the patch at row ${Math.floor(i / about.cols)}, column ${i % about.cols} adds the most, ${fixed(side.patches[i], 4)}.`;
}
function cells(p) {
  const most = Math.max(...p.cells.map(Math.abs)) || 1, best = p.cells.indexOf(Math.max(...p.cells));
  const box = el("div", { className: "cells", role: "img", "aria-label": `What each of ${p.cell_rows} by ${p.cell_cols} cells adds: that in row ${Math.floor(best / p.cell_cols)}, column ${best % p.cell_cols} the most, ${fixed(p.cells[best], 4)}.` });
  box.style.gridTemplateColumns = `repeat(${p.cell_cols}, 1fr)`;
  box.style.setProperty("--aspect", about.width + "/" + about.height);
  box.append(...p.cells.map(v => { const d = el("div", { title: fixed(v, 5) }); d.style.background = `rgb(var(${v < 0 ? "--minus" : "--plus"}) / ${Math.abs(v) / most})`; return d; }));
  byId("cells").replaceChildren(box);
}
byId("with").addEventListener("change", () => update());
byId("swap").addEventListener("click", () => change({ image: state.other, other: state.image, crop: "" }));

// ---- threshold

async function showThreshold(image, current) {
  const line = byId("t-line");
  byId("t-body").hidden = true;
  if (about.code === "nearest") { line.textContent = "This model codes a patch by its nearest atom alone: it has no threshold."; return; }
  if (about.code === "l1") { line.textContent = "This model's codes are sparse codes (L1), in which atoms compete: there is no threshold to move."; return; }
  const patch = `images/${state.image}/patches/${state.patch}`;
  if ((await api(patch)).blank) { if (current()) line.textContent = "This patch is blank: all its pixels are alike, so there is nothing to code."; return; }
  const t = state.t || about.threshold;
  byId("t").value = t; byId("t-value").textContent = fixed(t, 2);
  byId("t-body").hidden = false;
  const v = await api(`${patch}/threshold?t=${t}`);
  if (!current()) return;
  line.replaceChildren("At ", bold(fixed(v.t, 2)), ", ", bold(plural(v.count, "atom")), v.count === 1 ? " is" : " are", v.filled ? " active, only to stand in: none reaches the threshold. The embedding has a cosine of " : " active, and the embedding of the patch has a cosine of ", bold(fixed(v.cosine, 3)), ` with that at ${fixed(v.own, 2)}, the model's own.`);
  const points = key => [...v.curve.map(p => [p.t, p[key]]), [v.t, v[key]], ...(key === "cosine" ? [[v.own, 1]] : [])].sort((a, b) => a[0] - b[0]);
  const counts = points("count"), top = Math.pow(10, Math.ceil(Math.log10(Math.max(10, ...counts.map(p => p[1])))));
  const decades = []; for (let d = 1; d <= top; d *= 10) decades.push(d);
  chart(byId("chart-count"), `Active atoms fall from ${v.curve[0].count} at ${fixed(v.curve[0].t, 2)} to ${v.curve.at(-1).count} at ${fixed(v.curve.at(-1).t, 2)}`, counts, v.own, [v.t, v.count], decades, n => Math.log10(n) / Math.log10(top));
  const least = Math.min(0, Math.floor(Math.min(...v.curve.map(p => p.cosine)) * 2) / 2), marks = [least, ...(least < 0 ? [0] : []), 0.5, 1].filter((m, i, all) => all.indexOf(m) === i);
  chart(byId("chart-cosine"), `The cosine is 1 at ${fixed(v.own, 2)}, the model's own threshold`, points("cosine"), v.own, [v.t, v.cosine], marks, n => (n - least) / (1 - least));
  byId("t-note").textContent = v.count > v.active.length ? `The nearest ${v.active.length} of them.` : v.t === v.own ? "" : v.count === v.kept ? "All of them are active at the model's threshold too." : `${v.kept} of them ${v.kept === 1 ? "is" : "are"} active at the model's threshold too.`;
  atoms(byId("t-atoms"), v.active);
  say(`threshold ${fixed(v.t, 2)}: ${plural(v.count, "active atom")}, cosine ${fixed(v.cosine, 3)}`);
}
byId("t").addEventListener("input", () => { byId("t-value").textContent = fixed(+byId("t").value, 2); change({ t: +byId("t").value }); });
byId("t-own").addEventListener("click", () => change({ t: about.threshold }));

// ---- kept

byId("lambda").addEventListener("input", () => { byId("lambda-value").textContent = fixed(+byId("lambda").value, 2); change({ lambda: +byId("lambda").value }); });
byId("lambda-own").addEventListener("click", () => change({ lambda: defaultLambda }));

// ----

// prepared waits until smt serve is ready, and shows how far it is.
async function prepared() {
  for (let said = ""; ;) {
    let s = null;
    try { s = await (await fetch("api/status")).json(); } catch { /* it has ended, or not begun again */ }
    complain(s ? null : new Error("smt serve does not answer. The page goes on once it does."));
    if (s?.ready) break;
    byId("preparing").hidden = !s;
    if (s) {
      byId("preparing-line").textContent = s.steps ? `Step ${s.step} of ${s.steps}, ${s.stage}` + (s.total > 1 ? `: ${count(s.done)} of ${count(s.total)}` : "") : "";
      byId("preparing-bar").max = s.steps || 1;
      byId("preparing-bar").value = s.steps ? s.step - 1 + s.done / s.total : 0;
      if (said !== s.stage) say(said = s.stage);
    }
    await new Promise(resolve => setTimeout(resolve, 250));
  }
  for (const id of ["preparing", "main"]) byId(id).hidden = id === "preparing";
  document.querySelector("nav").hidden = false;
}

// What the images to choose from are, as far as it is known.
function chosenFrom() {
  const { split, fitted } = about.origin, test = split === "test";
  byId("tests-title").textContent = fitted === "none" ? (test ? "Test images" : "Held-out images") : test ? "Images of the test split" : "Training images";
  byId("tests-note").textContent = `${count(about.tests)} ${about.tests_are}${about.data ? `; of ${about.data}` : ""}${about.deskew ? "; shown straightened, as the model sees them" : ""}.`;
}

// How many of the images that the model was fitted on its statistics are of.
function ofThem() {
  if (about.counted === about.fitted_on) return "";
  return ", statistics of " + (about.counted ? count(about.counted) : "a number") + " of them" + (about.counted ? "" : " that is not recorded");
}

try {
  await prepared();
  Object.assign(about, await api("model"));
  chosenFrom();
  byId("name").textContent = "Inside " + (about.name || "a model");
  byId("facts").textContent = `${count(about.atoms)} atoms, ${count(about.dims)} coordinates, patches of ${about.patch} × ${about.patch}; fitted on ${plural(about.fitted_on, "image")}${ofThem()}`;
  byId("foot").textContent = `smt ${about.software}. Bank of ${plural(about.bank, "image")}${about.flips ? " and their flips" : ""}${about.data ? " of " + about.data : ""}; neighbours of patches among ${count(about.patches)} of its patches; k = ${about.k}, temperature ${about.temperature}.`;
  byId("row").max = about.rows - 1; byId("col").max = about.cols - 1;
  addEventListener("hashchange", update);
  await update();
} catch (e) { complain(e); }
