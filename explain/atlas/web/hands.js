// Mouse, fingers and keys.
const lassoButton = document.getElementById("lasso"), fingers = new Map();
const local = e => { const r = canvas.getBoundingClientRect(); return [e.clientX - r.left, e.clientY - r.top]; };
function lassoing(on) { lassoButton.setAttribute("aria-pressed", String(on)); canvas.classList.toggle("lasso", on); if (!on) { show.lasso = null; redraw(); } }
const isLasso = () => lassoButton.getAttribute("aria-pressed") === "true";

// inside says whether a place is in a polygon: a ray from it crosses the edge an odd number of times.
function inside(x, y, polygon) {
  let is = false;
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
    const [ax, ay] = polygon[i], [bx, by] = polygon[j];
    if (ay > y !== by > y && x < (bx - ax) * (y - ay) / (by - ay) + ax) is = !is;
  }
  return is;
}
function within(polygon) {
  const g = geometry(), found = [];
  for (let i = 0; i < about.items; i++) if (inside(...at(i, g), polygon)) found.push(i);
  return found;
}

function listen() {
  let moved = 0;
  canvas.addEventListener("pointerdown", e => {
    canvas.setPointerCapture(e.pointerId); fingers.set(e.pointerId, local(e));
    if (fingers.size === 1) { moved = 0; if (isLasso()) show.lasso = [local(e)]; } else show.lasso = null;
  });
  canvas.addEventListener("pointermove", e => {
    const now = local(e), was = fingers.get(e.pointerId);
    if (!was) return;
    moved += Math.hypot(now[0] - was[0], now[1] - was[1]);
    if (fingers.size === 1 && show.lasso) { show.lasso.push(now); redraw(); }
    else if (fingers.size === 1) { view.x += now[0] - was[0]; view.y += now[1] - was[1]; redraw(); }
    else {
      const other = [...fingers].find(([id]) => id !== e.pointerId)[1], span = p => Math.hypot(p[0] - other[0], p[1] - other[1]) || 1;
      zoom(span(now) / span(was), (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
    }
    fingers.set(e.pointerId, now);
  });
  canvas.addEventListener("pointerup", e => {
    fingers.delete(e.pointerId);
    const polygon = show.lasso;
    if (polygon && moved > 12) { lassoing(false); select(within(polygon), "in the lasso"); return; }
    if (moved > 6 || fingers.size) return;
    const i = under(...local(e), e.pointerType === "touch" ? 32 : 20);
    if (i >= 0) choose(i);
  });
  canvas.addEventListener("pointercancel", e => { fingers.delete(e.pointerId); show.lasso = null; redraw(); });
  canvas.addEventListener("wheel", e => {
    if (window !== window.parent && document.activeElement !== canvas && !e.ctrlKey && !e.metaKey) return; // the page around scrolls
    e.preventDefault(); zoom(Math.exp(-e.deltaY * (e.ctrlKey ? .01 : .0016)), ...local(e));
  }, { passive: false });
  canvas.addEventListener("keydown", e => {
    const moves = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] }[e.key];
    if (moves) { view.x += moves[0]; view.y += moves[1]; redraw(); }
    else if (e.key === "+" || e.key === "=") zoom(1.4);
    else if (e.key === "-") zoom(1 / 1.4);
    else if (e.key === "0") reset();
    else if (e.key === "Enter") { const i = under(canvas.clientWidth / 2, canvas.clientHeight / 2, 1e6); if (i >= 0) choose(i); }
    else if (e.key === "l" || e.key === "L") lassoing(!isLasso());
    else if (e.key === "Escape") { lassoing(false); close(); }
    else return;
    e.preventDefault();
  });
  lassoButton.addEventListener("click", () => lassoing(!isLasso()));
  document.getElementById("in-view").addEventListener("click", () => { const g = geometry(); select(within([[0, 0], [g.w, 0], [g.w, g.h], [0, g.h]]), "in view"); });
  document.querySelectorAll("[data-zoom]").forEach(b => b.addEventListener("click", () => +b.dataset.zoom ? zoom(+b.dataset.zoom) : reset()));
  document.getElementById("find").addEventListener("submit", e => {
    e.preventDefault();
    const text = e.target.querySelector("input").value.toLowerCase(), found = [];
    if (!text) return;
    data.ids.forEach((id, i) => { if (id.toLowerCase().includes(text)) found.push(i); });
    found.length === 1 ? choose(found[0]) : select(found, "of this name");
  });
}

function colours() {
  const choice = document.getElementById("colour"), all = [null];
  (about.kinds ?? []).forEach((k, n) => all.push({ name: k.name, n, kinds: data.kinds[n], shades: palette.map(rgb) }));
  (about.scores ?? []).forEach((s, n) => all.push({ name: s.name, n, scores: data.scores[n] }));
  all.forEach((c, i) => { if (c) choice.append(element("option", { value: i }, c.name)); });
  const change = () => { show.colour = all[+choice.value || 0]; show.only = -1; legend(); recolour(); };
  choice.addEventListener("change", change);
  if (all.length > 1) choice.value = 1;
  change();
}

load().then(() => {
  document.querySelector(".still").hidden = true;
  canvas.hidden = false; document.querySelector(".tools").hidden = false; document.getElementById("help").hidden = false;
  listen(); colours(); addressed();
  addEventListener("hashchange", addressed);
  new ResizeObserver(redraw).observe(canvas);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);
  document.documentElement.dataset.ready = "";
}).catch(error => { document.querySelector("header").append(element("p", { role: "alert" }, "The map cannot be read here: " + error.message + ". This is its still picture.")); });
