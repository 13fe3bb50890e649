// Open data in Chromium: a stranger finds a dataset, looks at it, takes it and calls it; a steward approves what somebody else proposed.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { enter, inspect, skip, until } from "./browser.mjs";

let server, browser, steward, stranger;

before(async () => {
  if (skip) return;
  let page;
  ({ server, browser, page } = await enter(0.01));
  steward = page;
  stranger = await (await browser.newContext({ acceptDownloads: true })).newPage();
  await until(async () => (await (await fetch(`${server.address}/api/v1/open/datasets`)).json()).datasets.total >= 6);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

const text = (page) => page.locator("main").innerText();

test("a stranger finds a dataset, looks at it, takes it and calls it", { skip }, async () => {
  await stranger.goto(`${server.address}/`);
  await stranger.goto(`${server.address}/open`);
  await inspect(stranger, "open");
  assert.match(await text(stranger), /公交站点/);
  // A theme is a list of its datasets, and a search for nothing is a list of all.
  await stranger.locator('main a[href="/open?theme=transport"]').click();
  assert.ok((await stranger.locator("main ol.hits > li").count()) >= 2);
  await inspect(stranger, "open-list");
  await stranger.goto(`${server.address}/open`);
  await stranger.locator("form.find button").click();
  assert.ok((await stranger.locator("main ol.hits > li").count()) >= 6);
  // What search engines are told: what it is, and where it stands in the other language.
  assert.match(await stranger.locator('meta[name="description"]').getAttribute("content"), /开放/);
  await stranger.goto(`${server.address}/open/datasets/car_parks`);
  const english = await stranger.locator('link[hreflang="en"]').getAttribute("href");
  assert.match(await (await fetch(english)).text(), /rel="canonical" href="[^"]*car_parks\?lang=en"/);
  await stranger.goto(`${server.address}/open`);
  // By pinyin, as people type.
  await stranger.locator("#open-q").fill("tingche");
  await stranger.locator("form.find button").click();
  assert.match(await text(stranger), /公共停车场/);
  await stranger.locator('main ol.hits a[href^="/open/datasets/"]').first().click();
  await stranger.waitForURL(/\/open\/datasets\/car_parks/);
  await inspect(stranger, "open-dataset");
  const shown = await text(stranger);
  for (const word of ["停车场名称", "泊位总数", "CC-BY-4.0", "GeoJSON"]) assert.ok(shown.includes(word), word);

  const [download] = await Promise.all([stranger.waitForEvent("download"), stranger.locator('main a[href$="car_parks.csv"]').first().click()]);
  assert.match(download.suggestedFilename(), /^car_parks\.\d+\.csv$/);

  // The address of the example, as it stands on the page.
  const example = (await stranger.locator("pre code").first().innerText()).match(/http[^']+/)[0];
  const answer = await (await fetch(example)).json();
  assert.ok(answer.rows.length >= 1 && answer.rows[0].lot_no, example);

  const geo = await (await fetch(`${server.address}/open/datasets/car_parks/files/car_parks.geojson`)).json();
  assert.equal(geo.type, "FeatureCollection");
  assert.equal(geo.features[0].geometry.coordinates.length, 2);
});

test("a steward approves what somebody else has proposed", { skip }, async () => {
  assert.equal((await fetch(`${server.address}/open/datasets/building_sites`)).status, 404, "nothing is open before it was approved");
  await steward.goto(`${server.address}/openings`);
  await inspect(steward, "openings");
  await until(async () => {
    await steward.goto(`${server.address}/openings/building_sites`);
    return /待审核/.test(await text(steward));
  });
  await inspect(steward, "opening");
  await steward.locator('button[value="approve"]').click();
  await until(async () => (await fetch(`${server.address}/open/datasets/building_sites`)).status === 200);

  await steward.goto(`${server.address}/openings/building_sites`);
  await steward.locator("#withdraw-words").fill("坐标有误，先行撤下。");
  await steward.locator('form[action$="/withdraw"] button').click();
  assert.equal((await fetch(`${server.address}/open/datasets/building_sites`)).status, 404);
  // Proposed by the steward, it waits for another.
  await steward.locator("#propose-words").fill("坐标已更正。");
  await steward.locator('form[action$="/propose"] button').click();
  await until(async () => {
    await steward.goto(`${server.address}/openings/building_sites`);
    return /您是提议人/.test(await text(steward));
  });
  assert.equal(await steward.locator('button[value="approve"]').count(), 0);
});
