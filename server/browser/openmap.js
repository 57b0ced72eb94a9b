// Opens a page of smt map in Chromium, zooms, goes round some images with the lasso, clicks one and finds it by its name, and
// tells how long each took, what the tab took of memory, and that nothing was asked of a network:
//
//	npm ci && node openmap.js map.html
//
// CHROMIUM is the browser, /usr/bin/chromium if it is not set. Memory and processor time are told on Linux.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { chromium } from "playwright-core";

const { CHROMIUM = "/usr/bin/chromium", SHOTS } = process.env;
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"] });
const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage(), asked = [], wrong = [];
page.setDefaultTimeout(300_000);
page.on("request", r => { if (!/^(file|data|blob):/.test(r.url())) asked.push(r.url()); });
// Warnings are about this script, which reads the canvas.
page.on("pageerror", e => wrong.push(e.message));
page.on("console", m => { if (m.type() === "error") wrong.push(m.text()); });

// The tab is the process that works for the page: of renderers, the one with the most processor time.
const system = await browser.newBrowserCDPSession();
async function tab() {
  const all = (await system.send("SystemInfo.getProcessInfo")).processInfo.filter(p => p.type === "renderer");
  return all.reduce((a, b) => b.cpuTime > a.cpuTime ? b : a);
}
async function memory() {
  const status = readFileSync(`/proc/${(await tab()).id}/status`, "utf8"), of = name => parseInt(status.match(name + ":\\s+(\\d+)")[1]) / 1024;
  return `${Math.round(of("VmRSS"))} MiB now, ${Math.round(of("VmHWM"))} at most`;
}
const frame = () => page.evaluate(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))));
const coloured = () => page.locator(".plane canvas").evaluate(c => new Set(new Uint32Array(c.getContext("2d").getImageData(0, 0, c.width, c.height).data.buffer)).size);
const title = () => page.locator("#panel h2").innerText();
async function timed(what, act) {
  const began = performance.now(), worked = (await tab()).cpuTime, said = await act();
  await frame();
  console.log(`${what}\t${((performance.now() - began) / 1000).toFixed(2)} s, ${((await tab()).cpuTime - worked).toFixed(2)} of a processor\t${said ?? ""}`);
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/${what.replaceAll(" ", "-")}.png` });
}

try {
  await timed("still picture", async () => {
    await page.goto("file://" + resolve(process.argv[2]), { waitUntil: "commit" });
    await page.waitForFunction(() => document.querySelector("img.still")?.complete);
  });
  await timed("map", async () => {
    await page.locator("html[data-ready]").waitFor();
    await page.waitForFunction(() => { // thumbnails have many colours, dots those of the palette
      const c = document.querySelector(".plane canvas");
      return new Set(new Uint32Array(c.getContext("2d").getImageData(0, 0, c.width, c.height).data.buffer)).size > 1000;
    });
    return `${await coloured()} colours`;
  });
  const box = await page.locator(".plane canvas").boundingBox(), [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  for (let i = 1; i <= 4; i++) await timed(`zoom ${i}`, () => page.mouse.wheel(0, -500));
  await timed("move", async () => { await page.mouse.down(); await page.mouse.move(x + 200, y + 100, { steps: 10 }); await page.mouse.up(); });
  await timed("click", async () => {
    await page.locator(".plane canvas").focus();
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => [...document.querySelectorAll("#panel canvas")].every(c => c.getContext("2d").getImageData(0, 0, c.width, c.height).data.some(v => v)));
    const near = await page.locator("#panel .items button").count();
    assert.ok(near > 0);
    return `${await title()}, ${near} neighbours`;
  });
  const name = await title();
  await page.getByRole("button", { name: "Close" }).click();
  await timed("all", () => page.getByRole("button", { name: "All" }).click());
  await timed("lasso", async () => {
    await page.getByRole("button", { name: "Lasso" }).click();
    const at = (u, v) => [box.x + box.width * u, box.y + box.height * v];
    await page.mouse.move(...at(.4, .4)); await page.mouse.down();
    for (const p of [[.6, .4], [.6, .6], [.4, .6], [.4, .41]]) await page.mouse.move(...at(...p), { steps: 5 });
    await page.mouse.up();
    assert.ok(parseInt(await title()) > 0);
    return title();
  });
  await timed("all in view", async () => { await page.getByRole("button", { name: "Select what is in view" }).click(); return title(); });
  await timed("find", async () => {
    await page.getByRole("searchbox").fill(name);
    await page.keyboard.press("Enter");
    return title();
  });
  for (const by of ["group", "outlier score"]) await timed(`colour by ${by}`, () => page.getByLabel("Colour").selectOption({ label: by }));
  console.log(`memory of the tab\t${await memory()}`);
  assert.deepEqual(asked, [], "requests");
  assert.deepEqual(wrong, [], "errors");
  console.log("requests\tnone");
} finally { await browser.close(); }
