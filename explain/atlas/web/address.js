// The address says which item is chosen and which are marked: #chosen=NAME&marked=NAME&marked=NAME; with bare, there is
// the plane alone. A page of the same place that has this one in a frame hears event "chosen".
function addressed() {
  const q = new URLSearchParams(location.hash.slice(1)), items = new Map(data.ids.map((id, i) => [id, i]));
  show.marked = new Set(q.getAll("marked").map(id => items.get(id)).filter(i => i !== undefined));
  show.bare = q.has("bare");
  document.documentElement.classList.toggle("bare", show.bare);
  const i = items.get(q.get("chosen")) ?? -1;
  if (show.bare) show.chosen = i;
  else if (i >= 0 && i !== show.chosen) choose(i);
  redraw();
}
