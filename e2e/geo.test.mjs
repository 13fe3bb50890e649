// Maps and charts of open data in Chromium: they are there without script, lead to rows, and are changed in place with it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { enter, inspect, skip } from "./browser.mjs";

let server, browser, page, plain;

before(async () => {
  if (skip) return;
  ({ server, browser } = await enter(0.01));
  page = await (await browser.newContext()).newPage();
  plain = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
  for (let tries = 0; (await (await fetch(`${server.address}/api/v1/open/datasets`)).json()).datasets.total < 6; tries++) {
    if (tries > 600) throw new Error("nothing was opened in two minutes");
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  for (const id of ["bus_stops", "car_parks", "hotline_by_day"]) {
    for (let tries = 0; !(await (await fetch(`${server.address}/open/datasets/${id}`)).text()).includes('class="drawings"'); tries++) {
      if (tries > 100) throw new Error(`${id} was not drawn`);
    }
  }
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

const seen = (on) => on.locator("[data-map] > .what").innerText();
const count = async (on) => Number((await seen(on)).match(/[\d,]+/)[0].replaceAll(",", ""));

test("every dataset is drawn by itself, and what is drawn can be read as a table", { skip }, async () => {
  for (const id of ["bus_stops", "car_parks", "hotline_by_day", "air_quality_by_month", "produce_prices"]) {
    await page.goto(`${server.address}/open/datasets/${id}`);
    await inspect(page, `geo-${id}`);
    assert.ok((await page.locator(".drawing").count()) >= 1, id);
  }
  await page.goto(`${server.address}/open/datasets/bus_stops`);
  await page.emulateMedia({ colorScheme: "dark" });
  await inspect(page, "geo-dark");
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto(`${server.address}/open/datasets/car_parks?lang=en`);
  await inspect(page, "geo-en");
  assert.match(await page.locator("#charts-title").innerText(), /Charts/);
  await page.goto(`${server.address}/open/datasets/car_parks?lang=zh-CN`);
});

test("without script links lead nearer and to the rows of a place", { skip }, async () => {
  await plain.goto(`${server.address}/open/datasets/bus_stops`);
  const all = await count(plain);
  await plain.locator('[data-way="nearer"]').click();
  await plain.waitForURL(/bbox=/);
  assert.ok((await count(plain)) < all);
  await plain.locator('[data-way="whole"]').click();
  assert.equal(await count(plain), all);
  const spot = plain.locator("[data-map] svg a").first();
  const said = await spot.getAttribute("aria-label");
  await plain.goto(new URL(await spot.getAttribute("href"), server.address).href);
  const rows = await plain.locator("main").innerText();
  const number = said.match(/^(\d[\d,]*) /)?.[1];
  assert.ok(number ? rows.includes(`共 ${number} 行`) : rows.includes(said), `${said}: ${rows.slice(0, 300)}`);
});

test("with script the map is changed in place and pulled with the pointer", { skip }, async () => {
  await page.goto(`${server.address}/open/datasets/bus_stops`);
  const all = await count(page);
  await page.evaluate(() => (window.stays = true));
  await page.locator('[data-way="nearer"]').click();
  await page.waitForURL(/bbox=/);
  await page.waitForFunction(() => !document.querySelector("[aria-busy]"));
  assert.ok((await count(page)) < all);
  assert.equal(await page.evaluate(() => document.activeElement?.dataset.way), "nearer", "the focus stays");
  const before = await page.locator("svg.places").getAttribute("data-bounds");
  await page.locator("svg.places").evaluate((svg) => svg.scrollIntoView({ block: "center", behavior: "instant" }));
  const box = await page.locator("svg.places").boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2 + 120, box.y + box.height / 2 + 20, { steps: 6 });
  await page.mouse.up();
  await page.waitForFunction((was) => document.querySelector("svg.places")?.dataset.bounds !== was, before);
  const [west, pulled] = [before, await page.locator("svg.places").getAttribute("data-bounds")].map((text) => Number(text.split(",")[0]));
  assert.ok(pulled < west, "what is to the west came into view");
  assert.equal(await page.evaluate(() => window.stays), true, "the page was not fetched anew");
  await inspect(page, "geo-near");
});

test("the geodata service has pages for people, too", { skip }, async () => {
  for (const [name, path] of [["ogc", "/ogc"], ["ogc-collection", "/ogc/collections/bus_stops"], ["ogc-items", "/ogc/collections/bus_stops/items"], ["ogc-api", "/ogc/api?f=html"]]) {
    await page.goto(`${server.address}${path}`);
    await inspect(page, `geo-${name}`);
  }
  await page.goto(`${server.address}/ogc/collections/bus_stops/items`);
  await page.locator("main tbody th a").first().click();
  await inspect(page, "geo-ogc-item");
  await page.locator('main a[href*="#map"]').click();
  assert.ok((await count(page)) >= 1);
});
