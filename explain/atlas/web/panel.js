// What was chosen, and what is selected.
const panel = document.getElementById("panel"), main = document.querySelector("main");
function element(tag, attributes = {}, ...children) {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) name.startsWith("on") ? e.addEventListener(name.slice(2), value) : value !== false && e.setAttribute(name, value);
  e.append(...children);
  return e;
}

// swatch is a patch of a colour. It has no attribute "style", which a policy may forbid.
function swatch(colour) {
  const e = element("i");
  e.style.background = colour;
  return e;
}

// thumb is a canvas with the thumbnail of an item, the longer edge of so many pixels.
function thumb(i, size, className = "") {
  const c = element("canvas", { class: className, role: "img", "aria-label": data.ids[i] });
  const fill = () => {
    const from = tile(i, true, fill);
    if (!from) return;
    const k = size / Math.max(from.w, from.h);
    c.width = Math.round(from.w * k); c.height = Math.round(from.h * k);
    const p = c.getContext("2d");
    p.imageSmoothingEnabled = false;
    p.drawImage(from.s, from.x, from.y, from.w, from.h, 0, 0, c.width, c.height);
  };
  fill();
  return c;
}
const item = (i, ...notes) => element("button", { onclick: () => choose(i), title: data.ids[i] }, thumb(i, 64), ...notes.flatMap((n, k) => k ? [element("br"), n] : [n]));
const short = id => id.length > 18 ? "…" + id.slice(-17) : id;

function open(...children) {
  panel.replaceChildren(...children);
  panel.hidden = false; main.classList.add("asked");
}
function close() {
  show.chosen = -1; show.selected = new Set();
  panel.hidden = true; main.classList.remove("asked");
  recolour();
}

function choose(i) {
  show.chosen = i;
  const facts = element("dl");
  (about.kinds ?? []).forEach((k, c) => facts.append(element("dt", {}, k.name), element("dd", {}, k.names[data.kinds[c][i]] ?? "none")));
  (about.scores ?? []).forEach((s, c) => facts.append(element("dt", {}, s.name), element("dd", {}, data.scores[c][i].toPrecision(3))));
  const near = neighbours(i);
  const large = thumb(i, Math.max(128, about.tile), "large");
  large.style.height = "auto"; large.style.minHeight = 0; large.style.width = Math.max(128, about.tile) + "px";
  open(element("h2", {}, data.ids[i]), large, facts,
    element("h3", {}, near.length ? `Nearest ${about.nouns}, and their cosines` : "No neighbours"),
    element("div", { class: "items" }, ...near.map(n => item(n.item, n.cosine.toFixed(2) + (n.flip ? " flipped" : ""), short(data.ids[n.item])))),
    element("div", { class: "row" }, element("button", { onclick: close }, "Close")));
  centre(i);
  document.dispatchEvent(new CustomEvent("chosen", { detail: data.ids[i] }));
}

// select shows a set of items: how many, of what kinds, the first of them, and their names to save.
function select(items, what) {
  show.chosen = -1; show.selected = new Set(items);
  const list = [...items], most = 60, facts = element("dl");
  for (const [c, k] of (about.kinds ?? []).entries()) {
    const counts = new Map();
    for (const i of list) { const name = k.names[data.kinds[c][i]] ?? "none"; counts.set(name, (counts.get(name) ?? 0) + 1); }
    facts.append(element("dt", {}, k.name), element("dd", {}, [...counts].sort((a, b) => b[1] - a[1]).slice(0, 6).map(([name, n]) => `${name}: ${n}`).join("; ")));
  }
  const save = () => {
    const url = URL.createObjectURL(new Blob([JSON.stringify(list.map(i => data.ids[i]), null, 1) + "\n"], { type: "application/json" }));
    element("a", { href: url, download: "selected.json" }).click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  };
  open(element("h2", {}, `${list.length} ${list.length === 1 ? about.noun : about.nouns} ${what}`), facts,
    element("div", { class: "row" }, element("button", { onclick: save, disabled: list.length ? false : "" }, "Save names"), element("button", { onclick: close }, "Clear")),
    element("div", { class: "items" }, ...list.slice(0, most).map(i => item(i, short(data.ids[i])))),
    ...(list.length > most ? [element("p", { class: "note" }, `The first ${most} are shown; the file has all names.`)] : []));
  recolour();
}

// legend names the colours; of kinds each is a button that shows one alone.
function legend() {
  const to = document.getElementById("legend"), { colour } = show;
  to.replaceChildren();
  if (!colour) return;
  if (colour.scores) {
    const s = about.scores[colour.n], bar = element("canvas", { class: "scale", width: 220, height: 14, role: "img", "aria-label": `${s.name} from ${s.low.toPrecision(3)} to ${s.high.toPrecision(3)}` }), p = bar.getContext("2d");
    for (let x = 0; x < 220; x++) { p.fillStyle = `rgb(${ramp(x / 219)})`; p.fillRect(x, 0, 1, 14); }
    bar.style.height = "14px"; bar.style.minHeight = 0;
    to.append(element("div", {}, s.name, bar, element("div", { class: "ends" }, element("span", {}, s.low.toPrecision(3)), element("span", {}, s.high.toPrecision(3)))));
    return;
  }
  about.kinds[colour.n].names.forEach((name, k) => to.append(element("button", { class: "kind", "aria-pressed": String(show.only === k), onclick: () => { show.only = show.only === k ? -1 : k; legend(); recolour(); } },
    swatch(palette[k % palette.length]), name)));
  if (about.kinds[colour.n].names.length > palette.length) to.append(element("span", { class: "note" }, "Colours repeat: press a name to see it alone."));
}
