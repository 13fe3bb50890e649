// Applications of open data and restricted data, in Chromium: a company registers what it has built and calls with the key, a
// steward lets it into the showcase; it applies for restricted data, an officer grants it, rows come by page and by key, and are
// over at once.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { byLink, enter, inspect, sizes, skip, until } from "./browser.mjs";

const PASSWORD = "correct-horse-7";
let server, browser, steward, company;

before(async () => {
  if (skip) return;
  ({ server, browser, page: steward } = await enter(0.01));
  await until(async () => (await fetch(`${server.address}/api/v1/open/datasets/company_energy`)).ok && (await fetch(`${server.address}/api/v1/open/datasets/bus_stops`)).ok);
  company = await byLink(browser, server.links.company, PASSWORD, { viewport: sizes.phone });
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

const text = (page) => page.locator("main").innerText();
const go = (page, path) => page.goto(`${server.address}${path}`);
/** Presses what sends a form, and waits for the page that answers, which may stand at the same address. */
const press = (page, button) => Promise.all([page.waitForEvent("load"), button.click()]);
const rows = (key, query) => fetch(`${server.address}/api/v1/open/datasets/company_energy/rows?${query}`, { headers: { authorization: `Bearer ${key}` } });

let key;

test("a company registers an application, calls with its key, and is shown", { skip }, async () => {
  await go(company, "/open/datasets/bus_stops");
  await company.locator('a[href^="/open/applications/new"]').click();
  assert.equal(await company.locator("#uses").inputValue(), "bus_stops");
  await company.locator("#name").fill("附近的公交站");
  await company.locator("#summary").fill("打开手机就看到最近的公交站和步行距离。");
  await company.locator("#address").fill(`${server.address}/open`);
  await company.locator("#uses").fill("bus_stops: stop_nmae");
  await press(company, company.locator('form[action="/open/applications"] button'));
  assert.match(await company.locator("main .fault").innerText(), /没有列 stop_nmae，是否为 stop_name/);
  assert.equal(await company.locator("#name").inputValue(), "附近的公交站", "what was entered stays");
  await inspect(company, "apps-wrong");
  await company.setViewportSize(sizes.phone);
  await company.locator("#uses").fill("bus_stops: stop_name\ncompany_energy");
  await press(company, company.locator('form[action="/open/applications"] button'));
  key = await company.locator("main .said code.secret").innerText();
  assert.match(key, /^sjopen_/);
  await inspect(company, "apps-key");

  const answer = await fetch(`${server.address}/api/v1/open/datasets/bus_stops/rows?limit=2`, { headers: { authorization: `Bearer ${key}` } });
  assert.equal((await answer.json()).rows.length, 2);
  assert.equal((await fetch(`${server.address}/api/v1/open/datasets/bus_stops/rows`, { headers: { authorization: "Bearer sjopen_no" } })).status, 401);

  // Nobody sees it before a steward has looked.
  const stranger = await (await browser.newContext()).newPage();
  await go(stranger, "/open/applications");
  assert.doesNotMatch(await text(stranger), /附近的公交站/);
  await go(steward, "/open/applications");
  await inspect(steward, "apps-waiting");
  await steward.locator("main .cards a", { hasText: "附近的公交站" }).first().click();
  await press(steward, steward.locator('form[action$="/show"] button'));
  await go(stranger, "/open/datasets/bus_stops");
  await stranger.locator(".cards a", { hasText: "附近的公交站" }).click();
  await inspect(stranger, "apps-one");
  assert.match(await text(stranger), /企业/);
  assert.doesNotMatch(await text(stranger), /示例.*有限公司/, "nobody's name");
  await go(stranger, "/open/applications");
  await inspect(stranger, "apps");
  await go(company, "/open/applications");
  await until(async () => {
    await company.reload();
    return /异常|正常/.test(await text(company));
  });
});

test("restricted data is applied for, granted, asked for, and over at once", { skip }, async () => {
  assert.equal((await rows(key, "district=330203")).status, 403);
  await go(company, "/open/datasets/company_energy");
  await inspect(company, "access-dataset");
  await company.locator('a[href$="/apply"]').click();
  await inspect(company, "access-apply");
  await company.setViewportSize(sizes.phone);
  await company.locator("#purpose").fill("测算各行业单位产值电耗，为企业做节能方案。");
  await company.locator('input[name="agreed"]').check();
  await company.locator("#signer").fill("江城节能服务有限公司");
  await press(company, company.locator('form[action$="/apply"] button'));
  assert.match(await text(company), /待审核[\s\S]*江城节能/);
  const page = new URL(company.url()).pathname;
  assert.equal((await rows(key, "district=330203")).status, 403, "not before it is granted");

  await go(steward, "/open/access");
  await inspect(steward, "access-list");
  await steward.locator("main table a").first().click();
  await inspect(steward, "access-decide");
  await press(steward, steward.locator('form[action$="/grant"] button'));
  assert.match(await text(steward), /已同意/);

  assert.equal((await rows(key, "limit=5")).status, 400, "by one of the columns that the department names");
  const month = (await (await rows(key, "month=2026-10&limit=1")).json()).rows?.[0]?.month;
  await company.setViewportSize(sizes.phone);
  await go(company, page);
  await company.locator('input[name="by:month"]').fill(month ?? "2026-10");
  await press(company, company.locator('form[action$="/query"] button'));
  assert.match(await text(company), /显示 \d+ 行，共 \d+ 行/);
  await inspect(company, "access-query");
  assert.match(await text(company), /近 30 天使用/);

  await go(steward, page);
  await steward.locator("#withdraw-words").fill("用途与申请不符");
  await press(steward, steward.locator('form[action$="/withdraw"] button'));
  await inspect(steward, "access-ended");
  assert.equal((await rows(key, "month=2026-10")).status, 403);
  await go(company, page);
  assert.match(await text(company), /已终止[\s\S]*用途与申请不符/);
  assert.equal(await company.locator('form[action$="/query"]').count(), 0);
});
