// The arrays of the page: numbers in the order of the curve, compressed; and sheets of thumbnails, decoded as they come into view.
const about = JSON.parse(document.getElementById("about").textContent);
const bytesOf = id => Uint8Array.from(atob(document.getElementById(id).textContent), c => c.charCodeAt(0));
const unzipped = id => new Response(new Blob([bytesOf(id)]).stream().pipeThrough(new DecompressionStream("gzip")));
const numbers = async (id, Kind) => new Kind(await unzipped(id).arrayBuffer());

const data = {};
async function load() {
  [data.places, data.ranked, data.near, data.cosines, data.sizes, data.ids] = await Promise.all([
    numbers("places", Uint16Array), numbers("ranked", Int32Array), numbers("near", Int32Array), numbers("cosines", Int8Array), numbers("sizes", Uint8Array),
    unzipped("ids").json()]);
  data.kinds = await Promise.all((about.kinds ?? []).map((_, c) => numbers("kinds-" + c, Int32Array)));
  data.scores = await Promise.all((about.scores ?? []).map((_, c) => numbers("scores-" + c, Float32Array)));
  data.slot = new Int32Array(about.items).fill(-1); // in the overview
  for (let r = 0; r < about.overview; r++) data.slot[data.ranked[r]] = r;
}

// Sheets that were used last are kept, at most so many: each takes 4 MB.
const mostSheets = matchMedia("(max-width: 800px)").matches ? 16 : 48, sheets = new Map();
const perSheet = about.perSheet ** 2;
function picture(id, ready) {
  let s = sheets.get(id);
  if (s) {
    sheets.delete(id); sheets.set(id, s);
    if (s.complete) return s;
    s.addEventListener("load", ready, { once: true });
    return null;
  }
  s = new Image();
  s.addEventListener("load", ready, { once: true });
  s.src = "data:image/jpeg;base64," + document.getElementById(id).textContent;
  sheets.set(id, s);
  for (const old of sheets.keys()) { if (sheets.size <= mostSheets + 1) break; if (old !== "overview") sheets.delete(old); }
  return null;
}

// tile is where the thumbnail of an item is to be had: an image and a place in it. With large it is the sheet, once that is decoded.
function tile(k, large, ready) {
  const w = data.sizes[2 * k], h = data.sizes[2 * k + 1], t = about.tile;
  if (large || data.slot[k] < 0) {
    const n = k % perSheet, s = picture("sheet-" + Math.floor(k / perSheet), ready);
    if (s) return { s, x: n % about.perSheet * t, y: Math.floor(n / about.perSheet) * t, w, h };
  }
  const r = data.slot[k], o = r < 0 ? null : picture("overview", ready);
  return o && { s: o, x: r % 64 * 32, y: Math.floor(r / 64) * 32, w: Math.max(1, Math.floor(w * 32 / t)), h: Math.max(1, Math.floor(h * 32 / t)) };
}
