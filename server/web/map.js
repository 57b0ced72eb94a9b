// The map of atoms is a page of its own, in a frame: what it marks and what is chosen are in its address.
const named = atom => "atom " + atom;

export class Frame {
  constructor(frame, chosen = null) {
    Object.assign(this, { frame, layout: "near", rest: "" });
    if (chosen) frame.addEventListener("load", () => frame.contentDocument.addEventListener("chosen", e => chosen(Number(e.detail.slice(named("").length)))));
  }

  // mark frames atoms, and one in another colour, which is chosen if the map is more than bare.
  mark(atoms, one, bare = false) {
    const q = new URLSearchParams(atoms.map(a => ["marked", named(a)]));
    if (one >= 0) q.set("chosen", named(one));
    if (bare) q.set("bare", "");
    this.rest = "#" + q;
    this.show();
  }
  go(layout) { this.layout = layout; this.show(); }
  show() { this.frame.contentWindow.location.replace(new URL("api/map.html?layout=" + this.layout + this.rest, location.href)); }
}
