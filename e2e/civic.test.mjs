// What the public says, in Chromium, on a telephone first: a stranger is told how to get an account, a citizen asks, a steward
// releases it, an officer answers, a stranger reads it without a name; statistics, the guide, the self-score, the elders' mode.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { byLink, enter, inspect, sizes, skip, until } from "./browser.mjs";

const PASSWORD = "correct-horse-7";
let server, browser, steward, stranger;

before(async () => {
  if (skip) return;
  let page;
  ({ server, browser, page } = await enter(0.01));
  steward = page;
  stranger = await (await browser.newContext()).newPage();
  await until(async () => (await (await fetch(`${server.address}/api/v1/open/datasets`)).json()).datasets.total >= 6);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

const person = (link, more) => byLink(browser, link, PASSWORD, more);
const text = (page) => page.locator("main").innerText();
const go = (page, path) => page.goto(`${server.address}${path}`);
/** Presses what sends a form, and waits for the page that answers, which may stand at the same address. */
const press = (page, button) => Promise.all([page.waitForEvent("load"), button.click()]);
const item = (page, words) => page.locator("ol.readings > li", { hasText: words });

test("a citizen asks, a steward releases it, a department answers, a stranger reads it", { skip }, async () => {
  // A stranger is told how to come by an account.
  await go(stranger, "/open/datasets/car_parks");
  await stranger.locator('#voices a[href^="/open/ask"]').click();
  assert.match(await text(stranger), /没有账户？[\s\S]*身份证/);
  assert.equal(await stranger.locator('main form[action="/open/ask"]').count(), 0);
  await inspect(stranger, "civic-stranger");

  const citizen = await person(server.links.citizen, { viewport: sizes.phone });
  await citizen.locator('nav.rail a[href="/open"]').first().click();
  await citizen.waitForURL((url) => url.pathname === "/open");
  await go(citizen, "/open/ask?dataset=car_parks");
  await citizen.locator("#kind").selectOption("question");
  await citizen.locator("#stars").selectOption("4");
  await citizen.locator("#words").fill("泊位总数是否包含充电车位？");
  await inspect(citizen, "civic-ask");
  await citizen.setViewportSize(sizes.phone);
  await citizen.locator('form[action="/open/ask"] button').click();
  await citizen.waitForURL((url) => url.pathname === "/open/requests");
  assert.match(await text(citizen), /待审核[\s\S]*泊位总数/);

  await go(citizen, "/open/ask");
  await citizen.locator("#title").fill("在售新建商品住房");
  await citizen.locator("#department").selectOption("housing");
  await citizen.locator("#words").fill("逐盘的套数和均价，按月更新。");
  await citizen.locator("#purpose").fill("做一个购房比较的网站。");
  await inspect(citizen, "civic-wish");
  await citizen.locator('form[action="/open/ask"] button').click();
  await citizen.waitForURL((url) => url.pathname === "/open/requests");
  await inspect(citizen, "civic-own");

  // Nobody else sees either before a steward has looked.
  await go(stranger, "/open/requests");
  assert.doesNotMatch(await text(stranger), /在售新建商品住房/);
  await go(stranger, "/open/datasets/car_parks");
  assert.doesNotMatch(await text(stranger), /充电车位/);

  await go(steward, "/voices");
  await inspect(steward, "civic-voices");
  await press(steward, item(steward, "充电车位").locator("button", { hasText: "审核通过" }));
  await press(steward, item(steward, "在售新建商品住房").locator("button", { hasText: "审核通过" }));

  const housing = await person(server.links.zhujian);
  await go(housing, "/voices");
  assert.doesNotMatch(await text(housing), /充电车位/, "not its department's");
  await inspect(housing, "civic-answer");
  const wish = item(housing, "在售新建商品住房");
  await wish.locator("select").selectOption("planned");
  await wish.locator('textarea[name="words"]').fill("已列入明年的开放计划，三月前开放。");
  await press(housing, wish.locator("button", { hasText: "提交答复" }));
  await item(steward, "充电车位").locator('textarea[name="words"]').fill("包含，充电车位单列在说明中。");
  await press(steward, item(steward, "充电车位").locator("button", { hasText: "提交答复" }));

  await go(stranger, "/open/requests");
  const read = await text(stranger);
  assert.match(read, /在售新建商品住房[\s\S]*市民[\s\S]*将会开放[\s\S]*三月前开放/);
  await inspect(stranger, "civic-requests");
  await go(stranger, "/open/datasets/car_parks");
  const said = await stranger.locator("#voices").innerText();
  assert.match(said, /充电车位[\s\S]*单列在说明中/);
  assert.match(said, /平均 4\.0 星/);
  await inspect(stranger, "civic-dataset");
  const { entries } = await (await fetch(`${server.address}/api/v1/open/voices?wishes=true`)).json();
  assert.deepEqual([entries[0].author, entries[0].outcome, entries[0].answer !== null], ["citizen", "planned", true]);

  // Another wants the same, once.
  const company = await person(server.links.company);
  await go(company, "/open/requests");
  await press(company, company.locator("button", { hasText: "我也要" }));
  assert.equal(new URL(company.url()).searchParams.get("done"), "support");
  assert.match(await text(company), /1 人也需要 · 您已支持/);
  assert.equal(await company.locator("button", { hasText: "我也要" }).count(), 0);
});

test("statistics, the guide and the self-score are there, also for elders", { skip }, async () => {
  for (const [path, word] of [["/open/statistics", /按部门/], ["/open/guide", /curl/], ["/open/score", /\/ 405/]]) {
    await go(stranger, "/open");
    await stranger.locator(`main a[href="${path}"]`).first().click();
    assert.match(await text(stranger), word, path);
    await inspect(stranger, `civic${path.replaceAll("/", "-")}`);
  }
  // What the guide says works as it stands there.
  await go(stranger, "/open/guide");
  const example = (await stranger.locator("pre code").first().innerText()).match(/http[^']+/)[0];
  assert.ok((await (await fetch(example)).json()).rows.length > 0, example);

  // Large type stays chosen, and nothing breaks in it.
  const size = () => stranger.evaluate(() => parseFloat(getComputedStyle(document.querySelector("main p")).fontSize));
  const before = await size();
  await go(stranger, "/open/guide?mode=elder");
  for (const path of ["/open", "/open/guide", "/open/requests", "/open/ask", "/open/statistics", "/open/score", "/open/datasets/car_parks"]) {
    await go(stranger, path);
    assert.equal(await stranger.locator("html").getAttribute("data-mode"), "elder", path);
    await inspect(stranger, `civic-elder${path.replaceAll("/", "-")}`);
  }
  await go(stranger, "/open/guide");
  assert.ok((await size()) > before, "larger than before");
});
