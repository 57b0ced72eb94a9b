// Drives the page of smt serve in Chromium through every view. Its numbers have to
// be the API's and those of smt info and smt explain; it must ask for nothing but
// its own server, and log no error. Run by .ci/browser, with
//
//	SMT        the program
//	MODEL DATA what to serve
//	CHROMIUM   the browser
//	SHOTS      a folder for screenshots, none if empty
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { chromium } from "playwright-core";

const { SMT, MODEL, DATA, CHROMIUM = "/usr/bin/chromium", SHOTS } = process.env;
const sizes = ["--bank", "300", "--test", "80"];
const patience = 30_000;
let server, url, browser, page, scratch, wrong = [];

const json = (...args) => JSON.parse(execFileSync(SMT, [...args, "--json", "--quiet"], { maxBuffer: 1 << 28 }));
const api = async path => { const r = await fetch(url + "api/" + path); assert.equal(r.status, 200, path); return r.json(); };
const fixed = (v, digits) => (v < 0 && +v.toFixed(digits) !== 0 ? "−" : "") + Math.abs(v).toFixed(digits);
const text = selector => page.locator(selector).innerText();
const texts = selector => page.locator(selector).allInnerTexts();
const sum = list => list.reduce((a, b) => a + b, 0);

async function open(options) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  context.setDefaultTimeout(patience);
  page = await context.newPage();
  page.on("console", m => { if (m.type() === "error" || m.type() === "warning") wrong.push(m.type() + ": " + m.text()); });
  page.on("pageerror", e => wrong.push("page error: " + e.message));
  page.on("request", r => { if (!r.url().startsWith(url)) wrong.push("request to " + r.url()); });
  page.on("response", r => { if (r.status() >= 400) wrong.push(r.status() + " from " + r.url()); });
}
// go opens a view, at an address as the page itself writes them.
async function go(view, query = "image=test-0") {
  await page.goto(url + "#" + view + "?" + query);
  await settled();
}
async function settled() {
  await page.locator("nav a[aria-current]").waitFor();
  await page.locator("main:not([aria-busy])").waitFor();
  // Pictures are there, and the map in its frame. Load state "networkidle" does not always come back once a frame has navigated.
  await page.waitForFunction(() => {
    const seen = e => e.getClientRects().length > 0;
    return [...document.images].every(i => !seen(i) || i.loading === "lazy" || i.complete) && [...document.querySelectorAll("iframe")].every(f => !seen(f) || f.contentDocument.querySelector("html[data-ready]"));
  });
}
async function shot(name) {
  if (SHOTS) await page.screenshot({ path: join(SHOTS, name + ".png") });
}
// until waits for the page to say something.
async function until(selector, pattern) {
  await page.locator(selector).filter({ hasText: pattern }).waitFor();
  await settled();
}
// A patch in the middle of a digit.
const inked = async id => (await api("images/" + id)).counts.reduce((best, n, i, all) => (n > 2 && Math.abs(i - all.length / 2) < Math.abs(best - all.length / 2) ? i : best), 1e9);

before(async () => {
  scratch = mkdtempSync(join(tmpdir(), "smt-browser-"));
  if (SHOTS) mkdirSync(SHOTS, { recursive: true });
  server = spawn(SMT, ["serve", MODEL, DATA, "--addr", "127.0.0.1:0", "--json", "--quiet", ...sizes], { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  url = await new Promise((resolve, reject) => {
    server.stdout.on("data", d => { said += d; try { resolve(JSON.parse(said).url); } catch { /* more to come */ } });
    server.on("exit", code => reject(new Error("smt serve ended with " + code)));
  });
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"] });
  await open();
});
afterEach(() => { const seen = wrong; wrong = []; assert.deepEqual(seen, [], "errors, or requests to elsewhere"); });
after(async () => {
  await browser?.close();
  server?.removeAllListeners("exit");
  if (server && server.exitCode === null) {
    const ended = new Promise(resolve => server.on("exit", resolve));
    server.kill("SIGINT");
    assert.equal(await ended, 0, "smt serve ended by Ctrl-C");
  }
  if (scratch) rmSync(scratch, { recursive: true });
});

test("getting ready: how far it is, and then the page without a reload", async () => {
  let answer = { ready: false, stage: "", step: 0, steps: 0, done: 0, total: 0 };
  await page.route("**/api/status", route => answer ? route.fulfill({ json: answer }) : route.continue());
  await page.goto(url + "#search?image=test-3");
  await page.reload(); // what is there already is not loaded again by another fragment
  await page.locator("#preparing").waitFor();
  await page.evaluate(() => { window.loadedOnce = true; });
  answer = { ready: false, stage: "embedding bank", step: 2, steps: 5, done: 192, total: 2500 };
  await page.getByText("Step 2 of 5, embedding bank: 192 of 2,500").waitFor();
  assert.ok(Math.abs(await page.locator("#preparing-bar").evaluate(bar => bar.position) - (1 + 192 / 2500) / 5) < 1e-6);
  assert.equal(await page.locator("#status").textContent(), "embedding bank");
  for (const id of ["nav", "main"]) assert.ok(await page.locator(id).isHidden(), id);
  await shot("preparing");
  answer = { ready: false, stage: "looking at atoms", step: 3, steps: 5, done: 0, total: 1 };
  await page.getByText("Step 3 of 5, looking at atoms").waitFor();
  answer = null;
  await until("#search-line", /nearest to .*image 3/);
  assert.ok(await page.locator("#preparing").isHidden());
  assert.ok(await page.evaluate(() => window.loadedOnce), "the page was loaded again");
  await page.unroute("**/api/status");
});

test("the model", async () => {
  const info = json("info", MODEL), model = await api("model");
  await go("image");
  assert.equal(model.atoms, info.config.atoms);
  assert.equal(model.threshold, info.config.threshold);
  assert.equal(model.values, info.dim);
  assert.match(await text("#facts"), /fitted on 10,000 images, statistics of 300 of them$/);
  assert.ok((await text("#facts")).startsWith(`${info.config.atoms} atoms, ${info.config.dims} coordinates`));
  assert.match(await page.title(), /^Image/);
});

test("image: chosen from those there are", async () => {
  await go("image");
  assert.equal(await page.locator("#tests a").count(), 60);
  await page.getByRole("button", { name: "Show more" }).click();
  await page.locator("#tests a").nth(79).waitFor();
  await page.locator("#tests a").nth(7).click();
  await until("#subject-id", "image 7");
  assert.ok((await text("#subject-id")).includes((await api("images/test-7")).item), "the image is called by its item");
  // The model was fitted on all images of the file, these among them.
  const model = await api("model");
  assert.deepEqual(model.origin, { split: "training", fitted: "all" });
  assert.match(await text("#tests-note"), /80 training images, which the model was fitted on; of /);
  assert.doesNotMatch(await page.locator("body").innerText(), /test image/i);
  const image = await api("images/test-7"), found = await api("images/test-7/neighbours");
  assert.equal(await text("#subject-class"), image.class);
  assert.deepEqual(await texts("#image-numbers dd"), [image.patches, ...(image.blank ? [image.blank] : []), fixed(image.active, 1), image.atoms].map(String));
  assert.ok((await text("#image-vote")).includes(`vote for ${found.votes[0].class}, with ${fixed(100 * found.votes[0].share, 0)} %`));
  await shot("image");
});

test("image: uploaded, dropped, and refused", async () => {
  await go("image");
  const file = Buffer.from(await (await fetch(url + "api/images/bank-5/pixels.png")).arrayBuffer());
  await page.locator("#file").setInputFiles({ name: "five.png", mimeType: "image/png", buffer: file });
  await until("#subject-id", "your image");
  await page.getByRole("link", { name: "Search", exact: true }).click();
  await until("#search-line", "your image");
  assert.match((await texts("#found .tile"))[0], /^1\.000/);
  await go("image");
  const bytes = await page.evaluateHandle(b => { const d = new DataTransfer(); d.items.add(new File([Uint8Array.from(b)], "a.png", { type: "image/png" })); return d; }, [...file]);
  await page.dispatchEvent("body", "drop", { dataTransfer: bytes });
  await until("#subject-id", "your image");
  await page.locator("#file").setInputFiles({ name: "notes.png", mimeType: "image/png", buffer: Buffer.from("no image") });
  await until("#problem", "no image that can be read");
  wrong = wrong.filter(w => !w.includes("415")); // Chromium logs the refusal
});

test("patch: atoms and neighbours in three spaces, by pointer and keyboard", async () => {
  const model = await api("model"), at = await inked("test-0");
  await go("patch", "image=test-0&patch=" + at);
  const check = async i => {
    const p = await api("images/test-0/patches/" + i);
    assert.equal(await page.locator("#row").inputValue(), String(p.row));
    assert.equal(await page.locator("#col").inputValue(), String(p.col));
    const all = page.locator("#active .all");
    if (await all.count()) await all.click();
    assert.deepEqual(await texts("#active a"), p.active.map(s => fixed(s.cosine, 3)));
    for (const [s, space] of ["signal", "code", "embedding"].entries()) {
      assert.deepEqual(await texts(`#spaces [data-space=${space}] a`), p.patches[space].map(n => fixed(n.cosines[s], 2)));
    }
    return p;
  };
  const p = await check(at);
  assert.ok((await text("#place-text")).includes(`in the embedding, ${p.atoms.embedding[0].atom},`));
  await shot("patch");
  await page.getByRole("button", { name: "atoms", exact: true }).click();
  await page.locator("#spaces .atom").first().waitFor();
  assert.deepEqual(await texts("#spaces [data-space=code] a"), p.atoms.code.map(n => fixed(n.cosines[1], 2)));
  await page.getByRole("button", { name: "patches", exact: true }).click();
  await page.locator("#spaces img").first().waitFor();
  await page.locator("#picker").focus();
  await page.keyboard.press("ArrowRight");
  await until("#patch-line", `row ${p.row}, column ${p.col + 1}`);
  await check(at + 1);
  await page.keyboard.press("Shift+ArrowLeft");
  await until("#patch-line", `row ${p.row}, column ${p.col - 4}`);
  await page.locator("#row").fill(String(p.row - 1));
  await page.locator("#row").press("Enter");
  await until("#patch-line", `row ${p.row - 1}, column ${p.col - 4}`);
  const box = await page.locator("#picker").boundingBox();
  await page.mouse.click(box.x + box.width * (p.col + model.patch / 2) / model.width, box.y + box.height * (p.row + model.patch / 2) / model.height);
  await until("#patch-line", `row ${p.row}, column ${p.col}`);
  const blank = (await api("images/test-0")).counts.indexOf(0);
  assert.ok(blank >= 0);
  await go("patch", "image=test-0&patch=" + blank);
  assert.match(await text("#patch-line"), /blank/);
  assert.ok(await page.locator("#patch-body").isHidden());
});

// The map in a frame, once it is drawn.
async function framed(id) {
  const frame = page.frameLocator(id);
  await frame.locator("html[data-ready]").waitFor();
  return frame;
}

test("patch: its atoms are marked on the map", async () => {
  const at = await inked("test-0"), p = await go("patch", "image=test-0&patch=" + at).then(() => api("images/test-0/patches/" + at));
  const frame = await framed("#place-map");
  assert.ok(await frame.locator("html.bare").count(), "the map is not bare");
  const marked = await frame.locator("html").evaluate(() => new URLSearchParams(location.hash.slice(1)).getAll("marked"));
  assert.deepEqual(marked, p.active.map(s => "atom " + s.atom));
  const blue = () => frame.locator(".plane canvas").evaluate(c => { // pixels of the colour of frames
    const want = getComputedStyle(document.documentElement).getPropertyValue("--marked").trim().slice(1).match(/../g).map(h => parseInt(h, 16));
    const d = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
    let n = 0;
    for (let i = 0; i < d.length; i += 4) if (want.every((v, k) => Math.abs(d[i + k] - v) < 3)) n++;
    return n;
  });
  for (let n = 0; await blue() < 50; n++) { assert.ok(n < 100, "nothing is framed"); await page.waitForTimeout(100); }
});

test("map: moved, zoomed, and an atom chosen", async () => {
  await go("map", "image=test-0&patch=" + await inked("test-0"));
  const map = await api("map"), model = await api("model");
  assert.ok((await text("#map-note")).startsWith(`${map.atoms.length} of ${model.atoms} atoms`));
  const frame = await framed("#map"), canvas = frame.locator(".plane canvas"), look = () => canvas.screenshot();
  await canvas.focus();
  await page.keyboard.press("0");
  await page.waitForTimeout(400);
  const before = await look();
  for (const key of ["+", "+", "ArrowLeft", "ArrowUp"]) await page.keyboard.press(key);
  await page.waitForTimeout(400);
  assert.notDeepEqual(await look(), before, "zooming changed nothing");
  await page.keyboard.press("0");
  await page.waitForTimeout(400);
  assert.deepEqual(await look(), before, "0 does not bring all back");
  await page.keyboard.press("Enter");
  await until("#atom-line", /^Atom \d+/);
  const chosen = (await text("#atom-line")).match(/^Atom (\d+)/)[1];
  assert.equal(await frame.locator("#panel h2").innerText(), "atom " + chosen);
  await frame.locator("#panel .items button").first().click(); // its nearest
  const next = (await frame.locator("#panel h2").innerText()).slice("atom ".length);
  assert.notEqual(next, chosen);
  await until("#atom-line", `Atom ${next} `);
  assert.equal(await page.locator("#atom").inputValue(), next);
  await page.locator("#atom").fill("11");
  await page.locator("#atom").press("Enter");
  await until("#atom-line", "Atom 11");
  const a = await api("atoms/11");
  assert.ok((await text("#atom-line")).includes(`${fixed(100 * a.usage / model.patches, 1)} %`));
  for (const [s, space] of ["signal", "code", "embedding"].entries()) {
    assert.deepEqual(await texts(`#atom-spaces [data-space=${space}] a`), a.atoms[space].map(n => fixed(n.cosines[s], 2)));
  }
  if (map.atoms.includes(11)) await frame.locator("#panel h2", { hasText: /^atom 11$/ }).waitFor();
  await shot("map");
  await page.getByRole("button", { name: "smoothest coordinates" }).click();
  await page.waitForFunction(() => document.getElementById("map").contentWindow.location.search === "?layout=spectral");
  const other = await framed("#map");
  await page.waitForTimeout(400);
  assert.notDeepEqual(await other.locator(".plane canvas").screenshot(), before, "the other layout looks the same");
});

test("search: with the image, and with parts of it", async () => {
  await go("search", "image=test-3");
  const check = async path => {
    const found = await api("images/test-3/neighbours" + path);
    const shown = found.neighbours.map(n => n.id.replace("-flip", ""));
    assert.equal(new Set(shown).size, shown.length, "an image is shown twice");
    assert.deepEqual((await texts("#found .tile b")), found.neighbours.map(n => fixed(n.cosine, 3)));
    assert.ok((await page.locator("#found .tile").first().getAttribute("title")).endsWith(`(${found.neighbours[0].item})`), "a tile names its item");
    assert.deepEqual((await texts("#votes .v")), found.votes.slice(0, 6).map(v => fixed(100 * v.share, 1) + " %"));
  };
  await check("");
  await shot("search");
  const box = await page.locator("#cropper").boundingBox();
  await page.mouse.move(box.x + box.width / 4, box.y + box.height / 4);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 3 / 4, box.y + box.height * 3 / 4, { steps: 4 });
  await page.mouse.up();
  await until("#search-line", "this part of");
  const crop = new URL(page.url()).hash.match(/crop=([\d,]+)/)[1];
  assert.deepEqual([await page.locator("#crop-x").inputValue(), await page.locator("#crop-w").inputValue()], [crop.split(",")[0], crop.split(",")[2]]);
  await check("?crop=" + crop);
  await page.locator("#crop-x").fill("2");
  await page.locator("#crop-x").press("Enter");
  await until("#status", "neighbours");
  await page.waitForURL(/crop=2,/);
  await settled();
  await check("?crop=" + new URL(page.url()).hash.match(/crop=([\d,]+)/)[1]);
  await page.getByRole("button", { name: "Whole image" }).click();
  await page.waitForURL(u => !u.hash.includes("crop"));
  await settled();
  await check("");
  await page.locator("#found .tile").nth(2).click();
  await until("#pair-line", "cosine");
});

test("compare: the splits add up to the cosine that smt explain has", async () => {
  const explained = json("explain", MODEL, DATA, "-o", join(scratch, "report"), ...sizes, "--sample", "20");
  assert.ok(explained.pairs.length > 0);
  for (const e of explained.pairs) {
    const a = "test-" + e.test, b = "bank-" + e.bank + (e.mirrored ? "-flip" : "");
    await go("compare", `image=${a}&other=${b}`);
    const p = await api(`pairs/${a}/${b}`);
    for (const s of [sum(p.cells), sum(p.a.patches), sum(p.b.patches), p.a.pixels, p.b.pixels, p.a.total, p.b.total, e.cosine]) {
      assert.ok(Math.abs(s - p.cosine) < 1e-5, `${s} for ${p.cosine}`);
    }
    assert.equal(await text("#pair-cosine"), fixed(p.cosine, 5));
    assert.ok((await text("#heat-scale")).includes("±" + fixed(p.most, 5)), "the scale of the heat maps");
    assert.deepEqual(await texts("#sums tr td:last-child"), [sum(p.cells), p.a.pixels, p.b.pixels, p.a.total, p.b.total, p.cosine].map(v => fixed(v, 5)));
    assert.deepEqual(await texts("#pair-atoms .v"), p.a.atoms.slice(0, 10).map(s => fixed(s.value, 5)));
    assert.equal(await page.locator(".cells div").count(), p.cells.length);
  }
  await shot("compare");
  const was = await text("#pair-cosine"), plain = await page.locator("#b-heat").getAttribute("src");
  await page.getByLabel(/what goes with the patch/).check();
  await page.waitForFunction(src => document.getElementById("b-heat").getAttribute("src") !== src, plain);
  await page.locator("#a-picker").focus();
  await page.keyboard.press("ArrowDown");
  await settled();
  await page.getByRole("button", { name: "Swap" }).click();
  await until("#pair-line", "cosine");
  assert.equal(await text("#pair-cosine"), was, "swapped, the cosine is another");
});

test("threshold: the code follows the slider", async () => {
  const at = await inked("test-0"), own = json("info", MODEL).config.threshold;
  await go("threshold", "image=test-0&patch=" + at);
  const check = async t => {
    const v = await api(`images/test-0/patches/${at}/threshold?t=${t}`), line = await text("#t-line");
    assert.ok(line.includes(`At ${fixed(t, 2)}, ${v.count} atom`), line);
    assert.ok(line.includes(`cosine of ${fixed(v.cosine, 3)}`), line);
    const all = page.locator("#t-atoms .all");
    if (await all.count()) await all.click();
    assert.deepEqual(await texts("#t-atoms a"), v.active.map(s => fixed(s.cosine, 3)));
    return v;
  };
  const first = await check(own);
  assert.equal(fixed(first.cosine, 3), "1.000");
  assert.equal(first.count, (await api("images/test-0/patches/" + at)).active.length);
  await page.locator("#t").focus();
  for (let i = 0; i < 10; i++) await page.keyboard.press("ArrowLeft");
  await until("#t-line", "At " + fixed(own - 0.1, 2));
  assert.ok((await check(+(own - 0.1).toFixed(2))).count > first.count);
  await shot("threshold");
  await page.getByRole("button", { name: "The model's" }).click();
  await until("#t-line", "At " + fixed(own, 2));
});

test("kept: what each level loses, and the slider of λ", async () => {
  await go("kept", "image=test-3");
  const check = async lambda => {
    const v = await api(`images/test-3/kept?lambda=${lambda}`), percent = share => fixed(100 * share, 1) + "\u00a0%";
    assert.deepEqual(await texts("#kept dd"), v.levels.flatMap(k => [percent(k.patches_lost), percent(k.pixels_lost)]));
    const [betas, cells] = v.levels.slice(2);
    assert.ok((await text("#kept-line")).includes(`lose ${percent(betas.pixels_lost)} of the pixels`), await text("#kept-line"));
    assert.ok((await text("#kept-line")).endsWith(`${percent(cells.pixels_lost)}.`));
    // The canvases have the pixels of the answer's pictures.
    for (const k of v.levels) {
      const [shown, sent] = await page.evaluate(async ({ level, png }) => {
        const canvas = document.querySelector(`#kept [data-level=${level}] canvas`), { width, height } = canvas;
        const pixels = c => [...c.getContext("2d").getImageData(0, 0, width, height).data];
        const picture = await createImageBitmap(new Blob([Uint8Array.from(atob(png), c => c.charCodeAt(0))]));
        const other = new OffscreenCanvas(picture.width, picture.height);
        other.getContext("2d").drawImage(picture, 0, 0);
        return [pixels(canvas), pixels(other)];
      }, k);
      assert.deepEqual(shown, sent, k.level);
    }
    return v;
  };
  const first = await check(0.1);
  assert.deepEqual(await texts("#kept figcaption span"), ["the image", "brightness alone", "codes", "embedded patches", "cells"]);
  // The report inverts the same images.
  const explained = json("explain", MODEL, DATA, "-o", join(scratch, "kept"), ...sizes, "--sample", "20");
  const mean = async level => sum(await Promise.all([0, 1, 2, 3, 4, 5].map(async i => (await api(`images/test-${i}/kept`)).levels.find(k => k.level === level).pixels_lost))) / 6;
  for (const k of explained.kept) assert.ok(Math.abs(await mean(k.level) - k.pixels_lost) < 1e-9, k.level);
  await shot("kept");
  // Each step asks anew, and what was asked before is given up.
  await page.locator("#lambda").focus();
  for (let i = 0; i < 10; i++) await page.keyboard.press("ArrowRight");
  await until("#status", "λ 0.20");
  assert.notEqual((await check(0.2)).levels[2].patches_lost, first.levels[2].patches_lost);
  assert.match(page.url(), /lambda=0.2/);
  const given = page.waitForEvent("requestfailed");
  await page.route("**/kept?lambda=0.05", route => new Promise(() => { void route; })); // it never answers
  await page.locator("#lambda").press("Home");
  await page.locator("#lambda").press("End");
  assert.match((await given).url(), /lambda=0.05/);
  await until("#status", "λ 0.40");
  await check(0.4);
  await page.unroute("**/kept?lambda=0.05", { behavior: "ignoreErrors" });
  await page.getByRole("button", { name: "Back to 0.10" }).click();
  await until("#status", "λ 0.10");
  await check(0.1);
});

test("the keyboard alone goes through the views, and back", async () => {
  await go("image");
  await page.locator("nav a").first().focus();
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Patch");
  assert.notEqual(await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle), "none", "focus is not to be seen");
  await page.keyboard.press("Enter");
  await until("#h-patch", "A patch");
  assert.equal(await page.locator("nav [aria-current]").innerText(), "Patch");
  await page.goBack();
  await until("#h-image", "Choose");
});

for (const colorScheme of ["light", "dark"]) {
  test(`every view on a phone, ${colorScheme}`, async () => {
    await page.context().close();
    await open({ viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true, colorScheme, reducedMotion: "reduce" });
    const at = await inked("test-0");
    for (const view of ["image", "patch", "map", "search", "compare", "threshold", "kept"]) {
      await go(view, `image=test-0&patch=${at}`);
      const problems = await page.evaluate(() => {
        const list = [], seen = e => e.getClientRects().length > 0;
        if (document.documentElement.scrollWidth > innerWidth) list.push(`wider than the screen: ${document.documentElement.scrollWidth}`);
        for (const e of document.querySelectorAll("img, [role=img]")) if (seen(e) && !(e.alt || e.getAttribute("aria-label") || e.closest("[role=application]"))) list.push("no text for " + e.outerHTML.slice(0, 90));
        for (const e of document.querySelectorAll("a, button, input, [tabindex]")) if (seen(e) && !(e.textContent.trim() || e.labels?.length || e.getAttribute("aria-label") || e.querySelector("[aria-label], [alt]:not([alt=''])") || e.id === "main")) list.push("no name for " + e.outerHTML.slice(0, 90));
        // Contrast of the text with the page, as WCAG has it.
        const light = c => c.match(/[\d.]+/g).slice(0, 3).map(v => v / 255).map(v => (v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)).reduce((s, v, i) => s + v * [.2126, .7152, .0722][i], 0);
        const ground = light(getComputedStyle(document.body).backgroundColor);
        for (const e of document.querySelectorAll("p, dt, dd, h1, h2, h3, h4, a, th, td, label, figcaption")) {
          if (!seen(e) || !e.textContent.trim()) continue;
          const l = light(getComputedStyle(e).color), ratio = (Math.max(l, ground) + .05) / (Math.min(l, ground) + .05);
          if (ratio < 4.5) list.push(`contrast ${ratio.toFixed(2)} of ${e.outerHTML.slice(0, 90)}`);
        }
        return list;
      });
      assert.deepEqual(problems, [], view);
      await shot(`phone-${view}-${colorScheme}`);
    }
  });
}
