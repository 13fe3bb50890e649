// The register of persons in a browser: resolved, looked through, a pair in doubt decided and the decision taken back;
// at desktop and phone size, in both languages, with an accessibility check of each page on the way.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { enter, inspect as look, skip } from "./browser.mjs";

const base = "/registers/persons";

let server, browser, context, page;

before(async () => {
  if (!skip) ({ server, browser, context, page } = await enter(process.env.SCALE ?? 0.01));
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

const ask = async (path) => (await context.request.get(`${server.address}/api/v1${path}`)).json();
const open = (path) => page.goto(`${server.address}${path}`);

const inspect = (name) => look(page, `registers-${name}`);

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
  assert.match(await page.locator("main dl").last().innerText(), /[男女]性（[12]）/, "codes say what they mean");
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
