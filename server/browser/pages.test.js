// Opens the pages that commands write for an index, and that which stands in for a map that is being drawn, in Chromium: at the
// width of a desk and of a phone, light and dark, nothing is clipped or scrolls sideways, all text can be read, names are shown, scales
// have numbers, and nothing is asked for. Run by .ci/browser, with SMT, MODEL, DATA, CHROMIUM and SHOTS as page.test.js.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { chromium } from "playwright-core";

const { SMT, MODEL, DATA, CHROMIUM = "/usr/bin/chromium", SHOTS } = process.env;
let scratch, browser, wrong = [];
const at = name => join(scratch, name);
const smt = (...args) => execFileSync(SMT, [...args, "--quiet"], { maxBuffer: 1 << 28 });

before(async () => {
  scratch = mkdtempSync(join(tmpdir(), "smt-pages-"));
  if (SHOTS) mkdirSync(SHOTS, { recursive: true });
  smt("index", MODEL, DATA, "-o", at("digits.index"));
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"] });
});
after(async () => { await browser?.close(); if (scratch) rmSync(scratch, { recursive: true, force: true }); });
afterEach(() => { const faults = wrong; wrong = []; assert.deepEqual(faults, []); });

// unread are the texts of a page that are too small, or hardly differ from what they are written on. A drawing that is scaled scales its text.
const unread = page => page.evaluate(() => {
  const list = [];
  const light = c => c.match(/[\d.]+/g).slice(0, 3).map(v => v / 255).map(v => (v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)).reduce((s, v, i) => s + v * [.2126, .7152, .0722][i], 0);
  const paper = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (!/^rgba\(.*, 0\)$|^transparent$/.test(c)) return c; } return /dark/.test(getComputedStyle(document.documentElement).colorScheme) && matchMedia("(prefers-color-scheme: dark)").matches ? "rgb(18, 18, 18)" : "rgb(255, 255, 255)"; };
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let n; (n = walk.nextNode());) {
    const e = n.parentElement;
    if (!n.textContent.trim() || !e.getClientRects().length || !e.checkVisibility({ visibilityProperty: true }) || e.closest("title, style, script, noscript, .skip")) continue;
    const style = getComputedStyle(e), m = e instanceof SVGElement ? e.getScreenCTM() : { a: 1, b: 0 };
    const size = parseFloat(style.fontSize) * Math.hypot(m.a, m.b);
    if (size < 11) list.push(`${size.toFixed(1)} px: ${n.textContent.trim().slice(0, 40)}`);
    const a = light(e instanceof SVGElement ? style.fill : style.color), b = light(paper(e)), ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) list.push(`contrast ${ratio.toFixed(2)}: ${n.textContent.trim().slice(0, 40)}`);
  }
  return list;
});

// looked opens a page at both widths, light and dark, and has use look at it.
async function looked(name, url, use) {
  for (const [width, colorScheme] of [[1200, "light"], [1200, "dark"], [390, "light"], [390, "dark"]]) {
    const context = await browser.newContext({ viewport: { width, height: 844 }, isMobile: width < 800, colorScheme }), page = await context.newPage();
    page.on("console", m => { if (m.type() === "error" || m.type() === "warning") wrong.push(m.text()); });
    page.on("request", r => { if (!/^data:/.test(r.url()) && !r.url().startsWith(url)) wrong.push("request to " + r.url()); });
    await page.goto(url);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} scrolls sideways at ${width}`);
    assert.equal(await page.evaluate(() => innerWidth), width, `${name} has no width of its own at ${width}`);
    // Text within its drawing, and within its box.
    const clipped = await page.evaluate(() => [...document.querySelectorAll("svg text, figcaption, h1, h2, h3, p, th, td, button, img")].filter(e => {
      const r = e.getBoundingClientRect(), box = (e.ownerSVGElement ?? document.documentElement).getBoundingClientRect();
      return r.width && (r.left < box.left - 1 || r.right > box.right + 1) || getComputedStyle(e).overflowX !== "visible" && e.scrollWidth > e.clientWidth + 1 && e.localName !== "img";
    }).map(e => e.textContent || e.alt));
    assert.deepEqual(clipped, [], `${name} at ${width}`);
    if (SHOTS) await page.screenshot({ path: join(SHOTS, `${name}-${width}-${colorScheme}.png`), fullPage: true });
    await use(page);
    assert.deepEqual(await unread(page), [], `${name} at ${width}, ${colorScheme}`);
    await context.close();
  }
}

for (const [command, ...more] of [["outliers"], ["duplicates"], ["groups", "--k", "6"]])
  test(`the page of smt ${command}`, async () => {
    smt(command, at("digits.index"), ...more, "--html", at(command + ".html"));
    await looked(command, "file://" + at(command + ".html"), async page => {
      assert.match(await page.locator("h1").innerText(), /digits\.index/);
      assert.ok(await page.evaluate(() => [...document.images].every(i => i.complete && i.naturalWidth && i.alt !== null)));
    });
  });

// shown says that pictures are there, and that the names of items stand below theirs, in full.
async function shown(page, ids) {
  assert.ok(await page.evaluate(() => [...document.images].every(i => i.complete && i.naturalWidth && i.alt)));
  const names = await page.locator("figure:has(> img) figcaption").evaluateAll(list => list.filter(e => e.checkVisibility() && e.clientHeight).map(e => e.firstChild.textContent));
  assert.deepEqual(names, ids);
}

test("the page of smt search", async () => {
  const names = ["t10k-images-idx3-ubyte.gz#7", "t10k-images-idx3-ubyte.gz#1234"];
  const found = JSON.parse(smt("search", at("digits.index"), ...names, "--html", at("search.html"), "--json"));
  await looked("search", "file://" + at("search.html"), async page => {
    assert.deepEqual(await page.locator("h2").allInnerTexts(), names);
    await shown(page, found.queries.flatMap(q => q.neighbours.map(n => n.id)));
  });
});

test("the page of smt classify", async () => {
  // A file of an image, of which atoms speak, and an image of the index.
  writeFileSync(at("a hand-written digit.pgm"), Buffer.concat([Buffer.from("P5 28 28 255\n"), gunzipSync(readFileSync(DATA)).subarray(16 + 7 * 784, 16 + 8 * 784)]));
  const labels = Array.from({ length: 100 }, (_, i) => `t10k-images-idx3-ubyte.gz#${i},${["nought", "one", "two", "three", "four"][i % 5]}`).join("\n");
  writeFileSync(at("labels.csv"), "id,label\n" + labels + "\n");
  const found = JSON.parse(smt("classify", at("digits.index"), at("a hand-written digit.pgm"), "t10k-images-idx3-ubyte.gz#1234", "--labels", at("labels.csv"), "--html", at("classify.html"), "--json"));
  await looked("classify", "file://" + at("classify.html"), async page => {
    await shown(page, found.images.flatMap(v => v.why.map(w => w.id)));
    const rows = await page.locator("section").first().locator("tr").evaluateAll(list => list.map(r => [r.cells[0].innerText, r.cells[2].innerText, r.querySelector("i").getBoundingClientRect().width]));
    const order = found.images[0].probabilities.map((p, i) => [p, found.classes[i]]).sort((a, b) => b[0] - a[0]);
    assert.deepEqual(rows.map(r => r.slice(0, 2)), order.map(([p, name]) => [name, (100 * p).toFixed(1) + " %"]));
    // Bars are as long as what they stand for, but for a pixel.
    for (const [k, [, , width]] of rows.entries()) assert.ok(Math.abs(width / rows[0][2] - order[k][0] / order[0][0]) < .02, rows.join());
    assert.equal(await page.locator(".atoms figcaption").count(), found.images[0].atoms.length);
    // Frames lie in the image that they are of.
    const places = await page.locator(".where").evaluateAll(list => list.map(w => { const b = w.getBoundingClientRect(); return [...w.querySelectorAll("i")].map(i => { const r = i.getBoundingClientRect(); return [(r.left - b.left) / b.width, (r.top - b.top) / b.height, r.right <= b.right + 3, r.bottom <= b.bottom + 3]; }); }));
    for (const [k, a] of found.images[0].atoms.entries()) {
      assert.equal(places[k].length, a.places.length);
      for (const [i, [x, y]] of a.places.entries()) assert.ok(Math.abs(places[k][i][0] - x / 28) < .02 && Math.abs(places[k][i][1] - y / 28) < .02 && places[k][i][2] && places[k][i][3], JSON.stringify([places[k][i], a.places[i]]));
    }
  });
});

test("the page of smt compare has scales", async () => {
  smt("compare", MODEL, DATA + "#7", DATA + "#9", "-o", at("compare.html"));
  await looked("compare", "file://" + at("compare.html"), async page => {
    // One drawing is to be seen, the wide or the narrow one.
    assert.equal(await page.locator("svg:visible").count(), 1);
    const said = await page.locator("svg:visible text").allTextContents();
    for (const says of ["what a pixel adds", "what a cell adds"]) assert.ok(said.includes(says), says);
    assert.equal(said.filter(t => t === "0").length, 2, "the middle of both scales");
    assert.ok(said.some(t => /^cosine -?0\.\d{4}$/.test(t)), said.join("; "));
  });
});

test("the page of smt map of words", async () => {
  let drawn = 1;
  const word = () => { drawn = drawn * 16807 % 2147483647; return "bcdfghklmnpr"[drawn % 12] + "aeiou"[drawn % 5] + "o"; };
  const text = Array.from({ length: 400 }, () => Array.from({ length: 12 }, word).join(" ")).join("\n");
  writeFileSync(at("text.txt"), text);
  smt("fit", at("text.txt"), "-o", at("words.safetensors"), "--dims", "8");
  smt("map", at("words.safetensors"), "-o", at("words.html"));
  await looked("words", "file://" + at("words.html"), async page => {
    assert.equal(await page.locator("svg:visible").count(), 1);
    assert.ok(await page.locator("svg:visible text").count() > 10);
  });
});

test("while a map is drawn, its page says how far it is, without script", async () => {
  const server = spawn(SMT, ["serve", at("digits.index"), "--addr", "127.0.0.1:0", "--json", "--quiet"], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    let said = "";
    for await (const part of server.stdout) { said += part; if (said.includes("}")) break; }
    const { url } = JSON.parse(said);
    const first = await fetch(url + "map");
    assert.equal(first.status, 202);
    const html = await first.text();
    assert.match(html, /content="1; url=\/map"/);
    assert.match(html, /It is being drawn/);
    let status;
    while ((status = (await fetch(url + "map")).status) === 202) await new Promise(done => setTimeout(done, 100));
    assert.equal(status, 200);
    // One job for all: what was drawn is there at once.
    await looked("drawn", url + "map", async page => { await page.locator("html[data-ready]").waitFor(); });
  } finally { server.kill("SIGINT"); }
});
