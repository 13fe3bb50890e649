// Data lent between two departments in Chromium: one asks, one decides, an officer and an application read, the auditor answers
// who read about whom, and what is taken back opens nothing. Each in a browser of their own.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash, createPublicKey, verify } from "node:crypto";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { byLink, chromium, inspect, skip } from "./browser.mjs";
import { settled } from "./server.mjs";

const PASSWORD = "correct-horse-7";
let server, browser;

before(async () => {
  if (skip) return;
  const { chromium: driver } = await import("playwright-core");
  server = await settled(0.01);
  browser = await driver.launch({ executablePath: chromium, args: ["--no-sandbox", "--disable-gpu"] });
  await server.collected();
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

const person = (link, more) => byLink(browser, link, PASSWORD, more);
const text = (page) => page.locator("main").innerText();
const go = (page, path) => page.goto(`${server.address}${path}`);

/** Answers of this node are signed: RFC 9421 over what the answer and its question were. */
async function signed(answer, method, body) {
  const { keys } = await (await fetch(`${server.address}/api/v1/node`)).json();
  const input = answer.headers.get("signature-input").replace(/^sanjiang=/, "");
  const url = new URL(answer.url);
  const digest = `sha-256=:${createHash("sha256").update(body).digest("base64")}:`;
  assert.equal(answer.headers.get("content-digest"), digest);
  const parts = {
    '"@status"': answer.status,
    '"content-type"': answer.headers.get("content-type"),
    '"content-digest"': digest,
    '"sanjiang-receipt"': answer.headers.get("sanjiang-receipt"),
    '"@method";req': method,
    '"@path";req': url.pathname,
    '"@query";req': url.search || "?",
  };
  const base = [...Object.entries(parts), ['"@signature-params"', input]].map(([name, value]) => `${name}: ${value}`).join("\n");
  const signature = Buffer.from(answer.headers.get("signature").match(/:(.*):/)[1], "base64");
  assert.ok(input.includes(`keyid="${keys[0].kid}"`));
  assert.ok(verify(null, Buffer.from(base), createPublicKey({ key: keys[0], format: "jwk" }), signature), "the signature holds");
}

test("the script in docs walks the chain", { skip }, async () => {
  const root = new URL("..", import.meta.url).pathname;
  const { stdout } = await promisify(execFile)("docs/share.sh", [server.address, server.data], { cwd: root });
  assert.match(stdout, /回执有效[\s\S]*完成 \/ Done/);
});

test("data is asked for, lent, read, told, and taken back", { skip }, async () => {
  const housing = await person(server.links.zhujian);
  const civil = await person(server.links.minzheng);

  // What the demo's officers have asked of each other.
  await go(housing, "/requests");
  await inspect(housing, "share-requests");
  assert.match(await text(housing), /房屋租赁备案/);

  // One asks: from the resource, by a form that knows the terms that others had.
  await go(housing, "/catalog/marriages");
  await housing.locator('main a[href="/resources/marriages/request"]').click();
  await inspect(housing, "share-ask");
  for (const box of await housing.locator('input[name^="item:"]').all()) await box.uncheck();
  for (const item of ["kind", "second_name", "registered_on"]) await housing.locator(`[id="take-${item}"]`).check();
  await housing.locator('[id="as-kind"]').selectOption("whole");
  await housing.locator('[id="as-registered_on"]').selectOption("whole");
  await housing.locator('[id="as-second_name"]').selectOption("masked");
  for (const box of await housing.locator('input[name^="key:"]').all()) await box.uncheck();
  await housing.locator('[id="key-first_citizen_id"]').check();
  for (const channel of ["query", "verify", "batch", "subscribe"]) await housing.locator(`[id="channel-${channel}"]`).check();
  await housing.locator("#condition").fill("upper(kind) = 'X'");
  await housing.locator("#reason").fill("核对购房家庭的婚姻状况。依据：《不动产登记暂行条例》。");
  await housing.locator("main button.main").click();
  assert.match(await housing.locator("main .fault").innerText(), /行条件/, "refused, and nothing of what was entered is lost");
  assert.equal(await housing.locator("#condition").inputValue(), "upper(kind) = 'X'");
  await inspect(housing, "share-ask-refused");
  await housing.locator("#condition").fill("");
  await housing.locator("main button.main").click();
  await housing.waitForURL((url) => url.pathname.startsWith("/requests/"));
  assert.match(await text(housing), /待审核/);
  await inspect(housing, "share-asked");
  const request = new URL(housing.url()).pathname;

  // The other decides, and gives less: one district's rows.
  await go(civil, "/requests");
  await civil.locator(`main a[href="${request}"]`).click();
  await civil.locator("#condition").fill("district = '330212'");
  await civil.locator("#words").fill("仅限鄞州区。");
  await inspect(civil, "share-decide");
  await civil.locator('button[value="grant"]').click();
  await civil.waitForURL((url) => url.pathname === request || url.pathname.startsWith("/grants/"));
  await go(housing, request);
  assert.match(await text(housing), /已授权[\s\S]*仅限鄞州区/);
  await inspect(housing, "share-granted");
  await housing.locator('main a.button[href^="/grants/"]').click();
  const grant = new URL(housing.url()).pathname;

  // An officer reads by the key. Who it is, the script asks of the lake as the bureau's steward would.
  const steward = await person(server.links.data, { name: "steward" });
  const statement = "SELECT first_citizen_id, kind FROM marriages WHERE district = '330212' LIMIT 1";
  const answer = await steward.request.post(`${server.address}/api/v1/sql`, { data: { sql: statement } });
  const [[id, kind]] = (await answer.json()).rows;
  await housing.locator('[id="query-first_citizen_id"]').fill(id);
  await housing.locator('form.use[action*="/query"] button.main').click();
  await housing.waitForURL((url) => url.pathname.endsWith("/query"));
  assert.ok((await text(housing)).includes(kind));
  assert.ok(!new URL(housing.url()).href.includes(id), "no number in an address");
  await inspect(housing, "share-rows");
  await housing.locator('[id="verify-first_citizen_id"]').fill(id);
  await housing.locator('[id="claim-kind"]').fill(kind);
  await housing.locator('form[action*="/verify"] button.main').click();
  await housing.waitForURL((url) => url.pathname.endsWith("/verify"));
  await housing.locator(".verdict.yes").waitFor();
  await inspect(housing, "share-verdict");

  // An application reads with its key; the answer is signed, and its receipt can be had.
  await go(housing, "/applications");
  await housing.locator("#name").fill("购房资格审核");
  await housing.locator("main form button.main").click();
  const key = await housing.locator("code.secret").innerText();
  await inspect(housing, "share-application");
  const headers = { authorization: `Bearer ${key}` };
  const url = `${server.address}/api/v1${grant}/rows?purpose=service&case=2026-1&first_citizen_id=${id}`;
  const rows = await fetch(url, { headers });
  assert.equal(rows.status, 200);
  const body = Buffer.from(await rows.arrayBuffer());
  await signed(rows, "GET", body);
  const found = JSON.parse(body).rows[0];
  assert.deepEqual(Object.keys(found), ["kind", "second_name", "registered_on"]);
  assert.match(found.second_name, /\*/);
  const leaf = rows.headers.get("sanjiang-receipt").split("=")[1];
  const receipt = await (await fetch(`${server.address}/api/v1/receipts/${leaf}`, { headers })).json();
  assert.equal(JSON.parse(receipt.entry).detail.answer, createHash("sha256").update(body).digest("hex"));
  const refused = await fetch(url.replace("service", "statistics"), { headers });
  assert.equal(refused.status, 403);
  assert.match((await refused.json()).details.zh, /用途不符/);

  // The provider sees the use. The audit officer tells the person who read, which is told in turn.
  await go(civil, grant);
  assert.match(await text(civil), /购房资格审核/);
  await inspect(civil, "share-used");
  assert.equal((await go(steward, grant)).status(), 200);
  await inspect(steward, "share-steward");

  // Taken back, it opens nothing.
  await go(civil, grant);
  await civil.locator("summary", { hasText: "收回授权" }).click();
  await civil.locator("#why").fill("核对完毕");
  await civil.locator("#sure").check();
  await civil.locator('form[action$="/end"] button').click();
  await civil.waitForURL((url) => url.pathname === grant);
  const gone = await fetch(url, { headers });
  assert.equal(gone.status, 403);
  assert.match((await gone.json()).details.zh, /核对完毕/);
  await go(housing, grant);
  await inspect(housing, "share-ended");
  await go(housing, "/grants");
  await inspect(housing, "share-grants");
});
