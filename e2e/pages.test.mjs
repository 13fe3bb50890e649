// Every screen in Chromium, at desktop and phone size, in both languages: it answers, breaks no rule of its own security
// policy, fits the screen, and has no accessibility fault of weight. SCREENS=dir keeps pictures.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { chromium, screens, sizes, skip, sound } from "./browser.mjs";
import { settled } from "./server.mjs";

const open = ["/", "/quality", "/quality?department=public_security", "/systems", "/runs", "/catalog", "/catalog?q=kqzl", "/gaps", "/models", "/models/master.legal_entities", "/models/topic.air_by_month", "/figures", "/figures/hotline_calls", "/figures/good_air_share", "/boards/home/aqi_by_day", "/lineage/standard.companies/uscc", "/lineage/topic.industry_by_district/capital", "/districts/330203", "/help", "/login", "/api/v1", "/no-such-page"];
const staff = ["/sql", "/quarantine", "/drift", "/defects", "/defects?state=all&late=1", "/messages", "/account", "/accounts/roles", "/emergency", "/figures/hotline_calls/rows", "/catalog/hotline_calls", "/catalog/hotline_calls/quality/open_not_done", "/catalog/air_daily/changes", "/catalog/air_daily/as-of"];

let server, browser, context;

before(async () => {
  if (skip) return;
  const { chromium: driver } = await import("playwright-core");
  server = await settled(process.env.SCALE ?? 0.01);
  await server.collected();
  browser = await driver.launch({
    executablePath: chromium,
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"],
  });
  context = await browser.newContext();
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** Opens a page and collects what it complains about. */
async function visit(path, size, lang = "zh") {
  const page = await context.newPage();
  await page.setViewportSize(sizes[size]);
  const complaints = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  const separator = path.includes("?") ? "&" : "?";
  const answer = await page.goto(`${server.address}${path}${separator}lang=${lang}`, { waitUntil: "load" });
  return { page, answer, complaints };
}

async function inspect(path, size, lang) {
  const { page, answer, complaints } = await visit(path, size, lang);
  const expected = path === "/no-such-page" ? 404 : 200;
  assert.equal(answer.status(), expected, path);
  const real = complaints.filter((text) => !(expected === 404 && text.includes("404")));
  assert.deepEqual(real, [], `${path} (${size}, ${lang}) complains`);
  assert.equal(await page.evaluate(() => document.documentElement.lang), lang === "zh" ? "zh-CN" : "en");
  await sound(page, `${path} (${size}, ${lang})`);
  if (screens) {
    const name = (path === "/" ? "home" : path.replace(/^\//, "").replace(/[^\w]+/g, "-")) + `-${size}-${lang}`;
    await page.screenshot({ path: `${screens}/${name}.png`, fullPage: true });
  }
  await page.close();
}

for (const path of open)
  for (const size of Object.keys(sizes))
    test(`${path} at ${size} size`, { skip }, async () => {
      await inspect(path, size, "zh");
      if (size === "desktop") await inspect(path, size, "en");
    });

test("the map drills down by keyboard", { skip }, async () => {
  const { page } = await visit("/", "desktop");
  const district = page.locator('a[href^="/districts/"]').first();
  await district.focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/districts\/\d{6}/);
  assert.ok((await page.locator("h1").innerText()).length > 0);
  await page.close();
});

test("a search by initials finds the resource and its page shows where it comes from", { skip }, async () => {
  const { page } = await visit("/catalog", "phone");
  await page.locator('input[name="q"]:visible').first().fill("kqzl");
  await page.keyboard.press("Enter");
  await page.waitForURL(/q=kqzl/);
  const hit = page.locator('main a[href^="/catalog/"]').first();
  assert.match(await hit.innerText(), /空气/);
  await hit.click();
  await page.waitForURL(/\/catalog\/\w+/);
  const url = new URL(page.url());
  await page.close();
  for (const size of Object.keys(sizes)) await inspect(url.pathname, size, "zh");
});

test("staff: the set-up link, the console, quarantine, a run", { skip }, async () => {
  const { page } = await visit(server.setup.slice(server.address.length), "desktop");
  await page.locator('input[name="name"]').fill("steward");
  for (const field of await page.locator('input[type="password"]').all()) await field.fill("correct-horse-7");
  await page.locator('main button[type="submit"], main form button').first().click();
  await page.waitForURL((url) => !url.pathname.startsWith("/setup"));
  await page.close();
  for (const path of staff) for (const size of Object.keys(sizes)) await inspect(path, size, "zh");
  await inspect("/quarantine", "desktop", "en");
  await inspect("/sql", "desktop", "en");
  await oneDefect();
  await query();
  await oneRun();
});

async function query() {
  const { page, complaints } = await visit("/sql", "desktop");
  await page.waitForSelector(".cm-content", { timeout: 10_000 });
  await page.locator(".cm-content").click();
  await page.keyboard.press("Control+A");
  await page.keyboard.press("Delete");
  await page.keyboard.type("select 1 as a, '甲' as b union all select 2, '乙'");
  await page.keyboard.press("Control+Enter");
  await page.waitForSelector("main table td");
  assert.match(await page.locator("main").innerText(), /甲/);
  if (screens) await page.screenshot({ path: `${screens}/sql-result-desktop-zh.png`, fullPage: true });
  assert.deepEqual(complaints, []);
  await page.close();
}

/** From the list to a defect, answered without script's help. */
async function oneDefect() {
  const { page } = await visit("/defects", "phone");
  const link = await page.locator('main a[href^="/defects/"]').first().getAttribute("href");
  await page.close();
  for (const size of Object.keys(sizes)) await inspect(link, size, "zh");
  await inspect(link, "desktop", "en");
  const { page: defect } = await visit(link, "phone");
  await defect.locator('textarea[name="words"]').fill("已与来源核对并更正");
  await defect.locator('button[value="answer"]').click();
  await defect.waitForURL((url) => url.pathname === link);
  assert.match(await defect.locator("h1").innerText(), /已答复/);
  await defect.close();
}

async function oneRun() {
  const { page } = await visit("/runs", "desktop");
  const run = await page.locator('main a[href^="/runs/"]').first().getAttribute("href");
  await page.close();
  for (const size of Object.keys(sizes)) await inspect(run, size, "zh");
}
