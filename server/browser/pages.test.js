// Opens the pages that commands write for an index, and that which stands in for a map that is being drawn, in Chromium: at the
// width of a desk and of a phone nothing is clipped or scrolls sideways, scales have numbers, and nothing is asked for. Run by
// .ci/browser, with SMT, MODEL, DATA, CHROMIUM and SHOTS as page.test.js.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
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

// looked opens a page at both widths, and has use look at it.
async function looked(name, url, use, options = {}) {
  for (const width of [1200, 390]) {
    const context = await browser.newContext({ viewport: { width, height: 844 }, isMobile: width < 800, ...options }), page = await context.newPage();
    page.on("console", m => { if (m.type() === "error" || m.type() === "warning") wrong.push(m.text()); });
    page.on("request", r => { if (!/^data:/.test(r.url()) && !r.url().startsWith(url)) wrong.push("request to " + r.url()); });
    await page.goto(url);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} scrolls sideways at ${width}`);
    assert.equal(await page.evaluate(() => innerWidth), width, `${name} has no width of its own at ${width}`);
    // Text within its drawing, and within its box.
    const clipped = await page.evaluate(() => [...document.querySelectorAll("svg text, figcaption, h1, h2, p, td, button")].filter(e => {
      const r = e.getBoundingClientRect(), box = (e.ownerSVGElement ?? document.documentElement).getBoundingClientRect();
      return r.width && (r.left < box.left - 1 || r.right > box.right + 1);
    }).map(e => e.textContent));
    assert.deepEqual(clipped, [], `${name} at ${width}`);
    await use(page);
    if (SHOTS) await page.screenshot({ path: join(SHOTS, `${name}-${width}.png`), fullPage: true });
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

test("the page of smt search", async () => {
  const id = JSON.parse(execFileSync(SMT, ["duplicates", at("digits.index"), "--json", "--quiet"], { maxBuffer: 1 << 28 })).groups[0]?.[0].id ?? "t10k-images-idx3-ubyte.gz#7";
  smt("search", at("digits.index"), id, "--html", at("search.html"));
  await looked("search", "file://" + at("search.html"), async page => assert.ok(await page.locator("img").count() > 5));
});

test("the page of smt compare has scales", async () => {
  smt("compare", MODEL, DATA + "#7", DATA + "#9", "-o", at("compare.html"));
  await looked("compare", "file://" + at("compare.html"), async page => {
    const said = await page.locator("svg text").allTextContents();
    for (const says of ["what a pixel adds", "what a cell adds"]) assert.ok(said.includes(says), says);
    assert.equal(said.filter(t => t === "0").length, 2, "the middle of both scales");
    assert.ok(said.some(t => /^cosine -?0\.\d{4}$/.test(t)), said.join("; "));
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
