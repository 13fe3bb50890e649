// The three officers in Chromium: each takes the own link, binds a second factor, and does the own part. One makes an account,
// one gives it rights, its person works within them, and the third reads in the log what was done, and what was refused.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { chromium, code, screens, sizes, skip, sound } from "./browser.mjs";
import { demo } from "./server.mjs";

const PASSWORD = "correct-horse-7";
let server, browser;

before(async () => {
  if (skip) return;
  const { chromium: driver } = await import("playwright-core");
  server = await demo(0.005);
  browser = await driver.launch({ executablePath: chromium, args: ["--no-sandbox", "--disable-gpu"] });
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** A browser of one person's own. */
async function person(link, name) {
  const context = await browser.newContext({ viewport: sizes.desktop });
  const page = await context.newPage();
  await page.goto(link);
  if (name) await page.locator('input[name="name"]').fill(name);
  await look(page, `setup-${name ?? "account"}`);
  for (const field of await page.locator('input[type="password"]').all()) await field.fill(PASSWORD);
  await page.locator("main form button").first().click();
  await page.waitForURL((url) => url.pathname === "/account");
  return page;
}

/** The page at both sizes, sound and kept. */
async function look(page, name) {
  for (const [size, view] of Object.entries(sizes)) {
    await page.setViewportSize(view);
    await sound(page, `${name} (${size})`);
    if (screens) await page.screenshot({ path: `${screens}/accounts-${name}-${size}.png`, fullPage: true });
  }
  await page.setViewportSize(sizes.desktop);
}

async function bind(page) {
  const secret = await page.locator("code.secret").innerText();
  await page.locator('input[name="code"]').fill(code(secret));
  await page.locator('form[action="/account/second"] button').click();
  await page.waitForURL((url) => url.searchParams.get("done") === "second");
  return secret;
}

async function status(page, path) {
  return (await page.goto(`${server.address}${path}`)).status();
}

test("three officers, an account between them, and the log", { skip }, async () => {
  const system = await person(server.links.system, "zhao.system");
  assert.match(await system.locator("main").innerText(), /三员必须绑定动态口令/);
  assert.equal(await status(system, "/accounts"), 403, "not before the second factor");
  await system.goto(`${server.address}/account`);
  await look(system, "bind");
  const secret = await bind(system);
  const security = await person(server.links.security, "qian.security");
  await bind(security);
  const audit = await person(server.links.audit, "sun.audit");
  await bind(audit);

  // One makes the account.
  await system.goto(`${server.address}/accounts`);
  await system.locator('input[name="name"]').fill("li.ming");
  await system.locator('input[name="display"]').fill("李明");
  await system.locator('form[action="/accounts"] button').click();
  const link = await system.locator(".said code.secret").innerText();
  await look(system, "made");
  assert.equal(await system.locator('input[name="name"]').inputValue(), "");

  // Its person chooses a password, and may do nothing yet.
  const li = await person(link);
  for (const path of ["/quarantine", "/sql", "/log", "/accounts", "/drift"]) assert.equal(await status(li, path), 403, path);
  await look(li, "refused");

  // Another gives it rights; neither can do the other's part.
  await security.goto(`${server.address}/accounts`);
  assert.equal(await security.locator('form[action="/accounts"]').count(), 0);
  await security.locator("main a", { hasText: "li.ming" }).click();
  await security.locator("#role-officer").check();
  await look(security, "rights");
  await security.locator('button.main').click();
  assert.match(await security.locator("main .fault").innerText(), /所属部门/);
  await security.locator("#role-officer").check();
  await security.locator("#department").selectOption("ecology");
  await security.locator('button.main').click();
  await security.waitForURL((url) => url.searchParams.get("done") === "rights");
  await look(security, "given");

  // The sessions of before are over; the new one has the department's rights and no more.
  await li.goto(`${server.address}/login`);
  await li.locator('input[name="name"]').fill("li.ming");
  await li.locator('input[name="password"]').fill(PASSWORD);
  await look(li, "login");
  await li.locator("main form button").click();
  await li.waitForURL((url) => url.pathname !== "/login");
  assert.equal(await status(li, "/sql"), 403);
  assert.equal(await status(li, "/defects"), 200);
  assert.equal(await status(li, "/systems/air_quality"), 200);
  const own = await li.locator('form[action="/collect"]').count();
  await li.goto(`${server.address}/systems/hotline`);
  assert.deepEqual([own, await li.locator('form[action="/collect"]').count()], [1, 0], "the button stands where it may be used");

  // In an emergency two people give more, for an hour.
  await li.goto(`${server.address}/emergency`);
  await li.locator("#reason").fill("台风期间查找转移人员名单");
  await look(li, "ask");
  await li.locator('form[action="/emergency"] button').click();
  await li.waitForURL((url) => url.searchParams.get("done") === "ask");
  await security.goto(`${server.address}/emergency`);
  await look(security, "decide");
  await security.locator('button[value="approve"]').click();
  await security.waitForURL((url) => url.searchParams.get("done") === "approve");
  assert.equal(await status(li, "/sql"), 200);
  assert.match(await li.locator("main").innerText(), /应急授权/);
  await look(li, "emergency");
  await li.goto(`${server.address}/emergency`);
  await li.locator('button[value="end"]').click();
  await li.waitForURL((url) => url.searchParams.get("done") === "end");
  assert.equal(await status(li, "/sql"), 403);

  // The auditor reads what was done and what was refused, and changes nothing.
  assert.equal(await status(audit, "/log"), 200);
  await look(audit, "log");
  const told = await audit.locator("main").innerText();
  for (const act of ["授予权限", "新建账户", "审批应急授权", "拒绝越权操作", "绑定动态口令"]) assert.match(told, new RegExp(act));
  for (const path of ["/log?act=act.refuse", "/log?act=read&subject=sql", "/log/acts/0"]) assert.equal(await status(audit, path), 200, path);
  await look(audit, "act");
  for (const path of ["/sql", "/quarantine"]) assert.equal(await status(audit, path), 403, path);
  assert.equal(await status(audit, "/accounts"), 200);
  assert.equal(await audit.locator("main form").count(), 0);
  await audit.goto(`${server.address}/accounts/roles`);
  await look(audit, "roles");

  // Out, and in again: the password alone is not enough, and no code is good twice.
  await system.goto(`${server.address}/account`);
  await look(system, "own");
  await system.goto(`${server.address}/`);
  await system.locator("header details.menu summary", { hasText: "zhao.system" }).click();
  await system.locator('header form[action="/logout"] button').click();
  await system.goto(`${server.address}/login`);
  for (const [digits, arrives] of [["", false], ["000000", false], [code(secret, Date.now() + 30_000), true]]) {
    await system.locator('input[name="name"]').fill("zhao.system");
    await system.locator('input[name="password"]').fill(PASSWORD);
    await system.locator('input[name="code"]').fill(digits);
    await system.locator("main form button").click();
    await system.waitForLoadState();
    assert.equal(new URL(system.url()).pathname !== "/login", arrives, `code ${digits || "missing"}`);
  }
});
