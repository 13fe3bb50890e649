// The register of persons in a browser: resolved, looked through, a pair in doubt decided and the decision taken back;
// at desktop and phone size, in both languages, with an accessibility check of each page on the way.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { demo } from "./server.mjs";

const chromium = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
const skip = chromium ? false : "SKIP: no Chromium; run scripts/install-test-tools";
const axe = skip ? "" : readFileSync(new URL("node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const screens = process.env.SCREENS;
const sizes = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };
const base = "/registers/persons";

let server, browser, context, page;

before(async () => {
  if (skip) return;
  if (screens) mkdirSync(screens, { recursive: true });
  const { chromium: driver } = await import("playwright-core");
  server = await demo(process.env.SCALE ?? 0.02);
  await server.collected();
  browser = await driver.launch({ executablePath: chromium, args: ["--no-sandbox", "--disable-gpu"] });
  context = await browser.newContext();
  page = await context.newPage();
  await page.goto(server.setup);
  await page.locator('input[name="name"]').fill("steward");
  for (const field of await page.locator('input[type="password"]').all()) await field.fill("correct-horse-7");
  await page.locator("main form button").first().click();
  await page.waitForURL((url) => !url.pathname.startsWith("/setup"));
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

const ask = async (path) => (await context.request.get(`${server.address}/api/v1${path}`)).json();
const open = (path) => page.goto(`${server.address}${path}`);

/** The page as it is now, at both sizes: nothing sticks out, nothing bars the way. */
async function inspect(name) {
  for (const [size, viewport] of Object.entries(sizes)) {
    await page.setViewportSize(viewport);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(overflow <= 1, `${name} (${size}) is ${overflow}px wider than the screen`);
    await page.evaluate(axe);
    const faults = await page.evaluate(async () => {
      const { violations } = await globalThis.axe.run(document, { resultTypes: ["violations"] });
      const heavy = violations.filter((v) => v.impact === "serious" || v.impact === "critical");
      return heavy.map((v) => `${v.id}: ${v.nodes[0].target} ${v.nodes[0].failureSummary}`);
    });
    assert.deepEqual(faults, [], `${name} (${size})`);
    if (screens) await page.screenshot({ path: `${screens}/registers-${name}-${size}.png`, fullPage: true });
  }
  await page.setViewportSize(sizes.desktop);
}

async function settled() {
  for (let tries = 0; tries < 1200; tries++) {
    const { register } = await ask("/registers/persons");
    if (register.last && register.state === "fresh") return register;
    assert.notEqual(register.state, "failed", JSON.stringify(register.state_says));
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error("not resolved in five minutes");
}

test("a register, its entities, and what is believed of one", { skip }, async () => {
  await settled();
  await open("/registers");
  assert.match(await page.locator("main").innerText(), /人口基础库/);
  await inspect("list");
  await open(base);
  await inspect("register");
  await page.locator("#find").focus();
  await page.keyboard.type("不会有这样的内容");
  await page.keyboard.press("Enter");
  await page.waitForURL(/entities\?q=/);
  assert.match(await page.locator("main").innerText(), /没有找到实体/);
  await open(`${base}/entities`);
  await inspect("entities");
  await page.locator(".cards a").first().click();
  await page.waitForURL(/entities\/[^?]+$/);
  assert.ok((await page.locator("main thead th").count()) >= 3, "two records side by side at least");
  await inspect("entity");
  for (const path of ["/registers?lang=en", `${base}?lang=en`, `${base}/doubts?lang=en`]) {
    await open(path);
    await inspect(path.replace(/\W+/g, "-"));
  }
  await open("/registers?lang=zh");
});

test("conflicts lead to their entities", { skip }, async () => {
  const { conflicts } = await ask("/registers/persons");
  if (conflicts.length === 0) return;
  await open(base);
  await page.locator(`a[href^="${base}/conflicts"]`).first().click();
  await page.waitForURL(/conflicts\?source=/);
  await inspect("conflicts");
  await page.locator(`main table a[href^="${base}/entities/"]`).first().click();
  await page.waitForURL(/entities\//);
});

test("a pair in doubt is decided by keyboard, the next one follows, and the decision is taken back", { skip }, async () => {
  await open(`${base}/doubts`);
  await inspect("doubts");
  const pair = page.locator('.cards a[href*="/pair?"]').first();
  assert.ok((await pair.count()) > 0, "the sample city leaves pairs in doubt");
  await pair.focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(/pair\?left=/);
  await inspect("pair");
  await page.locator("#reason").fill("电话核实");
  await page.locator('button[name="same"][value="0"]').focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(/decided=\d+/);
  assert.match(await page.locator('[role="status"]').innerText(), /已判定：不是同一个/);
  await open(`${base}/decisions`);
  assert.match(await page.locator("main").innerText(), /电话核实/);
  await inspect("decisions");
  await page.locator('main form[action$="/undo"] button').first().click();
  await page.waitForURL(/undone=1/);
  assert.match(await page.locator("main").innerText(), /已撤销/);
});

test("resolving says how it goes on, and the feed of changes is in order", { skip }, async () => {
  await open(base);
  await page.locator("#relearn").check();
  await page.locator('form[action$="/resolve"] button').click();
  await page.waitForURL(/started=1/);
  assert.match(await page.locator('[role="status"], .fault').first().innerText(), /归并|读取|来源/);
  const register = await settled();
  const feed = await ask("/registers/persons/changes?limit=5");
  assert.equal(feed.entries.length, Math.min(5, register.changes));
  assert.ok(feed.entries.every((change, n) => n === 0 || change.seq > feed.entries[n - 1].seq));
});
