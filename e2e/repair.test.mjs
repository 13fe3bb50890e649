// Quarantine as staff use it: one row corrected, one value given to all rows of a cause, the department's file sent out and
// brought back, corrections taken back; at desktop and phone size, with an accessibility check of each page on the way.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { enter, inspect as look, skip } from "./browser.mjs";


let server, browser, context, page;

before(async () => {
  if (!skip) ({ server, browser, context, page } = await enter(0.01, { acceptDownloads: true }));
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

const ask = async (path) => (await context.request.get(`${server.address}${path}`)).json();
const open = (path) => page.goto(`${server.address}${path}`);

/** Rows of a resource: in the standard layer, and refused. Raw keeps every act, those that were taken back too. */
async function rows(resource) {
  const { resource: entry, ...rest } = await ask(`/api/v1/resources/${resource}`);
  const { standard, quarantined } = (entry ?? rest).rows;
  return { standard, quarantined };
}

const inspect = (name) => look(page, `repair-${name}`);

const undo = () => page.locator('main form[action$="/undo"] button').first().click();

test("one row is corrected on its page, and the correction undone", { skip }, async () => {
  const before = await rows("parking_states");
  await open("/quarantine?resource=parking_states&code=integer.form&item=departed");
  await inspect("cause");
  await page.locator('article.refused a[href^="/quarantine/parking_states/"]').first().click();
  await page.waitForURL(/\/quarantine\/parking_states\/\d+-\d+/);
  const row = new URL(page.url()).pathname;
  await inspect("row");
  const wrong = page.locator('[aria-invalid="true"]').first();
  await wrong.fill("许多");
  await page.locator("#reason").fill("经停车场核实");
  await page.locator("form.repair button.main").click();
  await page.locator('[role="alert"]').waitFor();
  await inspect("row-still-wrong");
  await page.locator('[aria-invalid="true"]').first().fill("7");
  await page.locator("form.repair button.main").click();
  await page.waitForURL(/mended=1/);
  assert.match(await page.locator('[role="status"]').innerText(), /已更正 1 行/);
  await inspect("corrected");
  const now = await rows("parking_states");
  assert.equal(now.standard, before.standard + 1);
  await open(row);
  assert.match(await page.locator("main").innerText(), /经停车场核实/);
  await inspect("corrected-row");
  await undo();
  await page.waitForURL(/\/correction\/.*undone=1/);
  assert.match(await page.locator('[role="status"]').innerText(), /1 行回到问题数据/);
  await inspect("undone");
  assert.deepEqual(await rows("parking_states"), before);
  await open(row);
  await page.locator("form.repair button.main").waitFor();
});

test("one value is given to all rows of a cause, tried first, and taken back", { skip }, async () => {
  const before = await rows("hukou_persons");
  await open("/quarantine?resource=hukou_persons");
  await page.locator('a[href*="/quarantine/replace"][href*="marital_status"]').first().click();
  await page.locator("#value").fill("10");
  await page.locator("main form button").first().click();
  await page.waitForURL(/try=1/);
  await inspect("tried");
  const promised = Number((await page.locator("dl.figures dd").first().innerText()).replaceAll(",", ""));
  assert.ok(promised > 0, "some rows would land");
  assert.deepEqual(await rows("hukou_persons"), before, "a trial lands nothing");
  await page.locator("#reason").fill("未婚，经派出所核实");
  await page.locator('form[method="post"] button.main').click();
  await page.waitForURL(/mended=/);
  const after = await rows("hukou_persons");
  assert.equal(after.quarantined, before.quarantined - promised);
  await page.locator('[role="status"] a').click();
  await page.waitForURL(/\/correction\//);
  await inspect("correction");
  await undo();
  await page.waitForURL(/undone=/);
  assert.deepEqual(await rows("hukou_persons"), before);
});

test("the department's file goes out, comes back mended, and is taken back", { skip }, async () => {
  const before = await rows("parking_states");
  await open("/quarantine?resource=parking_states&code=integer.form&item=departed");
  const [download] = await Promise.all([page.waitForEvent("download"), page.locator('a[href^="/quarantine/export"]').click()]);
  const file = join(tmpdir(), `sanjiang-${process.pid}-${download.suggestedFilename()}`);
  await download.saveAs(file);
  const text = readFileSync(file, "utf8");
  assert.match(text, /问题原因,问题编号\r\n/);
  const found = [...text.matchAll(/,(约三百|待核实|详见附件)(?=,)/g)].length;
  assert.ok(found > 0, text.slice(0, 400));
  writeFileSync(file, text.replace(/,(约三百|待核实|详见附件)(?=,)/g, ",300"));
  await page.locator("#file").setInputFiles(file);
  await page.locator("#reason").fill("停车办改正");
  await page.locator('form[action="/quarantine/upload"] button').click();
  await page.waitForURL(/\/quarantine\/upload/);
  await inspect("uploaded");
  const after = await rows("parking_states");
  assert.ok(after.standard > before.standard, `${JSON.stringify(before)} ${JSON.stringify(after)}`);
  await page.locator('main a[href^="/correction/"]').click();
  await undo();
  await page.waitForURL(/undone=/);
  assert.deepEqual(await rows("parking_states"), before);
  await open("/quarantine");
  await inspect("list");
  assert.match(await page.locator("main").innerText(), /停车办改正/);
});
