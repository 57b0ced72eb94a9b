// Drives the page that smt map writes, in Chromium: mouse, keys, fingers and no JavaScript. What it says of an image
// has to be what smt search finds, and it must ask for nothing. Run by .ci/browser, with SMT, MODEL, DATA,
// CHROMIUM and SHOTS as page.test.js.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { chromium } from "playwright-core";

const { SMT, MODEL, DATA, CHROMIUM = "/usr/bin/chromium", SHOTS } = process.env;
let scratch, file, browser, page, wrong = [];

async function open(options, at = "file://" + file) {
  await page?.context().close();
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  context.setDefaultTimeout(300_000); // a map is drawn meanwhile, on a machine that may be busy
  page = await context.newPage();
  page.on("console", m => { if (m.type() === "error" || m.type() === "warning") wrong.push(m.type() + ": " + m.text()); });
  page.on("pageerror", e => wrong.push("page error: " + e.message));
  page.on("request", r => { if (!/^(file|data|blob):/.test(r.url()) && !r.url().startsWith(at)) wrong.push("request to " + r.url()); });
  await page.goto(at);
  if (options?.javaScriptEnabled !== false) await page.locator("html[data-ready]").waitFor();
}
async function shot(name) { if (SHOTS) await page.screenshot({ path: join(SHOTS, "map-" + name + ".png") }); }
const title = () => page.locator("#panel h2").innerText();
const canvas = () => page.locator(".plane canvas");
const pixels = () => canvas().evaluate(c => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(c.toDataURL())))));

before(async () => {
  scratch = mkdtempSync(join(tmpdir(), "smt-map-"));
  if (SHOTS) mkdirSync(SHOTS, { recursive: true });
  const index = join(scratch, "digits.index");
  file = join(scratch, "map.html");
  execFileSync(SMT, ["index", MODEL, DATA, "-o", index, "--quiet"]);
  execFileSync(SMT, ["map", index, "-o", file, "--groups", "12", "--quiet"]);
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"] });
});
after(async () => { await browser?.close(); if (scratch) rmSync(scratch, { recursive: true, force: true }); });
afterEach(() => { const faults = wrong; wrong = []; assert.deepEqual(faults, []); });

test("an image is found by its name, and its neighbours are gone to", async () => {
  await open();
  await shot("all");
  await page.getByRole("searchbox").fill("ubyte.gz#1234");
  await page.keyboard.press("Enter");
  assert.match(await title(), /#1234$/);
  assert.match(await page.locator("#panel dl").innerText(), /class[\s\S]*group[\s\S]*outlier score/);
  const cosines = (await page.locator("#panel .items button").allInnerTexts()).map(t => parseFloat(t));
  assert.equal(cosines.length, 10);
  assert.ok(cosines.every(c => c > 0 && c <= 1), cosines.join());
  const next = await page.locator("#panel .items button").first().getAttribute("title");
  // Every thumbnail is there, whichever sheet it is in.
  await page.waitForFunction(() => [...document.querySelectorAll("#panel canvas")].every(c => c.getContext("2d").getImageData(0, 0, c.width, c.height).data.some(v => v)));
  await shot("neighbours");
  await page.locator("#panel .items button").first().click();
  assert.equal(await title(), next);
  await page.getByRole("button", { name: "Close" }).click();
  assert.ok(await page.locator("#panel").isHidden());
});

test("zoom, move and choose by the mouse", async () => {
  await open();
  const all = await pixels(), box = await canvas().boundingBox(), [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  for (let i = 0; i < 2; i++) await page.mouse.wheel(0, -400);
  const near = await pixels();
  assert.notEqual(near, all);
  await page.mouse.down(); await page.mouse.move(x + 90, y + 40, { steps: 4 }); await page.mouse.up();
  assert.notEqual(await pixels(), near);
  assert.ok(await page.locator("#panel").isHidden(), "to move is not to choose");
  // What is drawn nearest to the middle.
  const [dx, dy] = await canvas().evaluate(c => {
    const d = c.getContext("2d").getImageData(0, 0, c.width, c.height), k = c.width / c.clientWidth, at = (x, y) => d.data.slice(4 * (y * c.width + x), 4 * (y * c.width + x) + 3).join();
    const ground = "244,242,236"; // --wash
    let best = [0, 0], least = Infinity;
    for (let y = 0; y < c.height; y += 2) for (let x = 0; x < c.width; x += 2) {
      const r = (x - c.width / 2) ** 2 + (y - c.height / 2) ** 2;
      if (r < least && at(x, y) !== ground) { least = r; best = [x / k, y / k]; }
    }
    return best;
  });
  await page.mouse.click(box.x + dx, box.y + dy);
  assert.match(await title(), /#\d+$/);
  await shot("near");
  await page.getByRole("button", { name: "Close" }).click();
  await page.getByRole("button", { name: "All" }).click();
  assert.equal(await pixels(), all);
});

test("a lasso selects what it goes round, and names are saved", async () => {
  await open();
  await page.getByRole("button", { name: "Lasso" }).click();
  const b = await canvas().boundingBox(), at = (u, v) => [b.x + b.width * u, b.y + b.height * v];
  await page.mouse.move(...at(.4, .4)); await page.mouse.down();
  for (const p of [[.6, .4], [.6, .6], [.4, .6], [.4, .41]]) await page.mouse.move(...at(...p), { steps: 5 });
  await page.mouse.up();
  const n = parseInt(await title());
  assert.ok(n > 50 && n < 9000, `${n} in the lasso`);
  await shot("lasso");
  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save names" }).click();
  const names = JSON.parse(readFileSync(await (await saved).path(), "utf8"));
  assert.equal(names.length, n);
  assert.equal(new Set(names).size, n);
  await page.getByRole("button", { name: "Select what is in view" }).click();
  assert.match(await title(), /^10000 images in view/);
});

test("colours: class, group and score, with a legend", async () => {
  await open();
  const seen = new Set([await pixels()]);
  assert.equal(await page.locator("#legend button").count(), 10);
  await page.locator("#legend button").nth(3).click();
  seen.add(await pixels());
  await page.getByLabel("Colour").selectOption({ label: "group" });
  assert.equal(await page.locator("#legend button").count(), 12);
  seen.add(await pixels());
  await page.getByLabel("Colour").selectOption({ label: "outlier score" });
  assert.equal(await page.locator("#legend .ends span").count(), 2);
  seen.add(await pixels());
  await shot("score");
  assert.equal(seen.size, 4);
});

test("by the keyboard alone", async () => {
  await open();
  const all = await pixels();
  await canvas().focus();
  await page.keyboard.press("+"); await page.keyboard.press("ArrowLeft"); await page.keyboard.press("Enter");
  assert.match(await title(), /#\d+$/);
  await page.keyboard.press("Escape");
  assert.ok(await page.locator("#panel").isHidden());
  await page.keyboard.press("l");
  assert.equal(await page.locator("#lasso").getAttribute("aria-pressed"), "true");
  await page.keyboard.press("Escape"); await page.keyboard.press("0");
  assert.equal(await page.locator("#lasso").getAttribute("aria-pressed"), "false");
  await page.evaluate(() => document.activeElement.blur());
  assert.equal(await pixels(), all);
});

test("on a phone, by fingers", async () => {
  await open({ viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true });
  await shot("phone");
  const b = await canvas().boundingBox();
  await page.touchscreen.tap(b.x + b.width / 2, b.y + b.height / 2);
  assert.match(await title(), /#\d+$/);
  const wide = await page.evaluate(() => [...document.querySelectorAll("body *")].filter(e => e.clientWidth && e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX !== "visible").map(e => e.outerHTML.slice(0, 80)));
  assert.deepEqual(wide, []);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  await page.waitForFunction(() => [...document.querySelectorAll("#panel canvas")].every(c => c.getContext("2d").getImageData(0, 0, c.width, c.height).data.some(v => v)));
  await page.locator("#panel").scrollIntoViewIfNeeded();
  await shot("phone-neighbours");
  // Two fingers, apart: the map is larger.
  const before = await pixels();
  await canvas().evaluate(c => {
    const r = c.getBoundingClientRect(), at = (type, id, dx) => c.dispatchEvent(new PointerEvent(type, { pointerId: id, clientX: r.left + r.width / 2 + dx, clientY: r.top + r.height / 2, bubbles: true }));
    c.setPointerCapture = () => {};
    at("pointerdown", 11, -20); at("pointerdown", 12, 20); at("pointermove", 12, 120); at("pointerup", 12, 120); at("pointerup", 11, -20);
  });
  assert.notEqual(await pixels(), before);
});

test("without JavaScript, a still picture", async () => {
  await open({ javaScriptEnabled: false, viewport: { width: 390, height: 844 } });
  const still = page.locator("img.still");
  assert.ok(await still.isVisible());
  assert.match(await still.getAttribute("alt"), /10000 images/);
  assert.ok((await still.boundingBox()).width > 300);
  assert.ok(await canvas().isHidden());
  assert.match(await page.locator("noscript p").innerText(), /still picture/);
  await shot("still");
});

// What a browser says against the content policy is an error in its console.
test("served, / leads to the map, which works under its policy", async () => {
  const server = spawn(SMT, ["serve", join(scratch, "digits.index"), "--addr", "127.0.0.1:0", "--json", "--quiet"], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    let said = "";
    for await (const part of server.stdout) { said += part; if (said.includes("}")) break; }
    const { url } = JSON.parse(said), asked = [];
    await open({}, url);
    page.on("request", r => asked.push(r.url()));
    assert.equal(page.url(), url + "map");
    await page.locator("#colour").selectOption({ label: "class" });
    assert.equal(await page.locator("#legend button").count(), 10);
    assert.notEqual(await page.locator("#legend button i").first().evaluate(e => getComputedStyle(e).backgroundColor), "rgba(0, 0, 0, 0)");
    await page.getByRole("searchbox").fill("ubyte.gz#1234");
    await page.keyboard.press("Enter");
    assert.match(await title(), /#1234$/);
    await page.waitForFunction(() => [...document.querySelectorAll("#panel canvas")].every(c => c.getContext("2d").getImageData(0, 0, c.width, c.height).data.some(v => v)));
    assert.deepEqual(asked.filter(u => !/^(data|blob):/.test(u)), []);
  } finally { server.kill("SIGINT"); }
});
