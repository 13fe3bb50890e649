// A citizen in Chromium, on a telephone first: two officers make the account from a document, an officer of a department reads
// the citizen's row, the citizen sees it, verifies its receipt offline and does not accept it, the audit officer answers.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHmac } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { byLink, chromium, inspect, sizes, skip } from "./browser.mjs";
import { settled } from "./server.mjs";

const PASSWORD = "correct-horse-7";
const binary = new URL("../target/debug/sanjiang", import.meta.url).pathname;
const run = promisify(execFile);
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

/** RFC 6238, as a telephone does it. */
function code(secret, time = Date.now()) {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(time / 30_000)));
  const digest = createHmac("sha1", key).update(step).digest();
  return String((digest.readUInt32BE(digest[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

const person = (link, more) => byLink(browser, link, PASSWORD, more);
async function officer(link, name) {
  const page = await person(link, { name });
  await page.locator('input[name="code"]').fill(code(await page.locator("code.secret").innerText()));
  await page.locator('form[action="/account/second"] button').click();
  await page.waitForURL((url) => url.searchParams.get("done") === "second");
  return page;
}

const text = (page) => page.locator("main").innerText();
const go = (page, path) => page.goto(`${server.address}${path}`);

/** What the API answers a page's reader. */
async function api(page, method, path, data) {
  const answer = await page.request.fetch(`${server.address}/api/v1${path}`, { method, data });
  assert.ok(answer.ok(), `${method} ${path}: ${answer.status()} ${await answer.text()}`);
  return answer.status() === 204 ? undefined : answer.json();
}

test("a citizen sees who read, verifies it, does not accept it, and is answered", { skip }, async () => {
  const [system, security, audit] = [await officer(server.links.system, "zhao"), await officer(server.links.security, "qian"), await officer(server.links.audit, "sun")];
  const [civil, housing] = [await person(server.links.minzheng), await person(server.links.zhujian)];
  const steward = await person(server.links.data, { name: "steward" });
  const statement = "SELECT first_citizen_id, first_name FROM marriages ORDER BY certificate_no DESC LIMIT 1";
  const [[number, name]] = (await api(steward, "POST", "/sql", { sql: statement })).rows;

  // At the counter: one makes the account from the document.
  await go(system, "/accounts/people");
  const fill = async (digits) => {
    for (const [field, value] of Object.entries({ number: digits, display: name, name: "wang.fang" })) await system.locator(`#${field}`).fill(value);
    await system.locator("main form button.main").click();
  };
  await fill(`${number.slice(0, 17)}${number.endsWith("1") ? "2" : "1"}`);
  assert.match(await system.locator("main .fault").innerText(), /校验码/);
  await inspect(system, "citizen-people-wrong");
  await fill(number);
  const link = await system.locator("main .said code.secret").innerText();
  assert.ok(await system.locator("main .said svg.qr").isVisible(), "to be scanned by the citizen's telephone");
  assert.ok(!(await system.content()).includes(number), "the number is not kept");
  await inspect(system, "citizen-people");

  // The citizen chooses a password on the telephone, and sees nothing before the other officer has read the document.
  const citizen = await person(link, { viewport: sizes.phone });
  assert.equal(new URL(citizen.url()).pathname, "/me");
  assert.match(await text(citizen), /身份还没有核实/);
  await inspect(citizen, "citizen-unconfirmed");
  await go(security, "/accounts/people");
  await inspect(security, "citizen-people-security");
  await security.locator("main table a", { hasText: "wang.fang" }).click();
  await security.locator("#number").fill(number);
  await inspect(security, "citizen-confirm");
  await security.locator('form:has(input[value="confirm"]) button.main').click();
  await security.waitForURL((url) => url.searchParams.get("done") === "confirm");
  assert.match(await text(security), /已核实/);
  await go(citizen, "/me");
  assert.match(await text(citizen), /没有查询记录/);
  await inspect(citizen, "citizen-none");

  // An officer of the housing bureau reads the row under the grant.
  const { entries: grants } = await api(housing, "GET", "/grants?resource=marriages");
  await go(housing, `/grants/${grants[0].id}`);
  await housing.locator('[id="query-first_citizen_id"]').fill(number);
  await housing.locator("#query-case").fill("公租房-2026-0300");
  await housing.locator('form.use[action*="/query"] button.main').click();
  await housing.waitForURL((url) => url.pathname.endsWith("/query"));

  await go(citizen, "/me");
  const seen = await text(citizen);
  for (const told of [/住房和城乡建设局/, /查看了您的记录/, /政务服务/, /公租房-2026-0300/, /婚姻登记/, /民政局/]) assert.match(seen, told);
  await inspect(citizen, "citizen-me");

  // The receipt verifies offline, and what was changed does not.
  await citizen.setViewportSize(sizes.phone);
  await citizen.locator(".readings summary", { hasText: "查询凭证" }).first().click();
  await inspect(citizen, "citizen-receipt");
  const [download] = await Promise.all([citizen.waitForEvent("download"), citizen.locator(".readings a[download]").first().click()]);
  const file = join(server.data, "receipt.json");
  await download.saveAs(file);
  const { log_keys: keys } = await (await fetch(`${server.address}/api/v1/node`)).json();
  const { stdout } = await run(binary, ["log", "check-receipt", file, "--key", keys[0]]);
  assert.match(stdout, /回执有效/);
  const { readFileSync } = await import("node:fs");
  const forged = join(server.data, "forged.json");
  writeFileSync(forged, readFileSync(file, "utf8").replace("0300", "0301"));
  await assert.rejects(run(binary, ["log", "check-receipt", forged, "--key", keys[0]]), "what was changed is found");

  // The list to take away.
  const csv = await (await citizen.request.get(`${server.address}/me/reads.csv`)).text();
  assert.ok(csv.startsWith("\ufeff") && csv.includes("公租房-2026-0300"), csv);
  assert.equal((await (await citizen.request.get(`${server.address}/me/reads.json`)).json()).length, 1);
  const { entries, total } = await api(citizen, "GET", "/me/reads");
  assert.deepEqual([total, entries[0].department.id, entries[0].rows], [1, "housing", 1]);

  // Nothing of the staff's is theirs.
  for (const path of ["/accounts", "/accounts/people", "/log", "/requests", "/grants", "/reads", "/challenges", "/quarantine", "/sql"]) {
    assert.equal((await go(citizen, path)).status(), 403, path);
  }
  assert.equal((await go(citizen, "/accounts/roles")).status(), 404);
  await go(citizen, "/me");
  assert.deepEqual(await citizen.locator("nav.rail > ul > li > a").evaluateAll((links) => links.map((link) => new URL(link.href).pathname)), ["/me", "/open", "/account", "/help"]);
  await go(citizen, "/account");
  await inspect(citizen, "citizen-account");

  // What the citizen does not accept goes to the audit officer; who lent sees it without the name.
  await go(citizen, "/me");
  await citizen.setViewportSize(sizes.phone);
  await citizen.locator(".readings summary", { hasText: "不认可" }).first().click();
  await citizen.locator('textarea[name="words"]').first().fill("我没有申请过公租房，请说明为什么查我的婚姻登记。");
  await inspect(citizen, "citizen-challenge");
  await citizen.locator('form[action="/me/challenge"] button').first().click();
  await citizen.waitForURL((url) => url.searchParams.get("done") === "challenge");
  assert.match(await text(citizen), /待答复/);
  await go(audit, "/reads");
  await audit.locator('main a[href="/challenges"]').click();
  assert.ok((await text(audit)).includes(name));
  await audit.locator('textarea[name="words"]').fill("经核实，系您的配偶申请公租房时一并核对家庭婚姻状况，依据《公共租赁住房管理办法》第八条。");
  await inspect(audit, "citizen-challenges");
  await audit.locator('form[action^="/challenges/"] button.main').click();
  await audit.waitForURL((url) => url.pathname === "/challenges");
  await go(civil, "/challenges");
  const lent = await text(civil);
  assert.ok(/我没有申请过公租房/.test(lent) && !lent.includes(name), lent);
  await inspect(civil, "citizen-challenges-provider");
  await go(citizen, "/me");
  assert.match(await text(citizen), /审计管理员的答复[\s\S]*第八条/);
  await inspect(citizen, "citizen-answered");

  // An investigation's reading is kept back: the citizen's page does not change, the audit officer sees until when.
  const ground = "《监察法》第四十九条";
  const asking = { resource: "marriages", items: [{ name: "kind", whole: true }], keys: ["first_citizen_id"], channels: ["query"], purpose: "investigation", reason: "核查", told_after: 60, told_ground: ground };
  const { id } = await api(housing, "POST", "/requests", asking);
  await go(civil, `/requests/${id}`);
  assert.ok((await text(civil)).includes(ground));
  await civil.locator("#told_after").fill("30");
  await inspect(civil, "citizen-delay-decide");
  await civil.locator('button[value="grant"]').click();
  await civil.waitForURL((url) => url.pathname === `/requests/${id}` || url.pathname.startsWith("/grants/"));
  const { request: decided } = await api(housing, "GET", `/requests/${id}`);
  await api(housing, "GET", `/grants/${decided.grant}/rows?purpose=investigation&first_citizen_id=${number}`);
  assert.equal((await api(citizen, "GET", "/me/reads")).total, 1, "neither the reading nor its number");
  await go(audit, "/reads");
  await audit.locator("#id").fill(number);
  await audit.locator("main form button.main").click();
  assert.match(await text(audit), /暂不告知本人/);
  await inspect(audit, "citizen-held");
  await go(housing, "/resources/marriages/request");
  await housing.locator("summary", { hasText: "延迟告知本人" }).click();
  await inspect(housing, "citizen-delay-ask");
});

test("a visitor to the demo sees readings at once", { skip }, async () => {
  const citizen = await person(server.links.citizen, { viewport: sizes.phone });
  for (let tries = 0; !/查看了您的记录/.test(await text(citizen)); tries++) {
    assert.ok(tries < 60, "the demo has read about its citizen");
    await citizen.waitForTimeout(1000);
    await citizen.reload();
  }
  await citizen.waitForTimeout(1000);
  await citizen.reload();
  assert.match(await text(citizen), /公租房资格审核[\s\S]*|核对了您的一项情况/);
  await inspect(citizen, "citizen-demo");
  const company = await person(server.links.company);
  for (let tries = 0; !/企业登记信息/.test(await text(company)); tries++) {
    assert.ok(tries < 60, "the demo has read about its company");
    await company.waitForTimeout(1000);
    await company.reload();
  }
  await inspect(company, "citizen-company");
  await company.goto(`${server.address}/me?lang=en`);
  await inspect(company, "citizen-company-en");
});
