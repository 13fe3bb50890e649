// A department's service lent in real time, in Chromium: a small service of Node's own, a city of three files, one grant. It is
// called by a form and by an application, fails and is left alone, is bounded by the day, and its use is counted and reported.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { chromium, inspect, sizes, skip } from "./browser.mjs";

const binary = new URL("../target/debug/sanjiang", import.meta.url).pathname;
const PASSWORD = "correct-horse-7";
const ID = "33021219900101001X";
let upstream, child, browser, address, folder, mode = "well", asked = [];

const person = { type: "object", properties: { idNumber: { type: "string" }, name: { type: "string", description: "姓名" }, married: { type: "boolean" } } };
const openapi = {
  openapi: "3.0.3",
  info: { title: "婚姻登记查询服务", version: "1" },
  paths: {
    "/persons/{id}": {
      get: {
        operationId: "getPerson",
        summary: "查一人的婚姻状况",
        parameters: [{ name: "id", in: "path", required: true, schema: { type: "string" } }],
        responses: { 200: { content: { "application/json": { schema: { type: "object", properties: { data: { type: "array", items: person } } } } } } },
      },
    },
  },
};

function write(name, text) {
  const path = join(folder, "city", name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** The last digit that a number of an identity card must have. */
function whole(body) {
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  return body + "10X98765432"[[...body].reduce((sum, digit, n) => sum + Number(digit) * weights[n], 0) % 11];
}

const id = whole(ID.slice(0, 17));

/** Runs a command on the city; a password goes in by the standard input. */
function sanjiang(input, ...args) {
  const done = spawnSync(binary, [...args, "--city", join(folder, "city"), "--data", join(folder, "data")], { encoding: "utf8", input });
  assert.equal(done.status, 0, done.stderr + done.stdout);
  return done.stdout;
}

before(async () => {
  if (skip) return;
  folder = mkdtempSync(join(tmpdir(), "sanjiang-service-"));
  upstream = createServer((request, response) => {
    asked.push({ url: request.url, headers: request.headers });
    if (mode === "broken") return response.writeHead(500).end("SECRET");
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ data: [{ idNumber: id, name: "陈小江", married: true, secret: "SECRET" }] }));
  });
  await new Promise((resolve) => upstream.listen(0, "127.0.0.1", resolve));
  const { port } = upstream.address();
  write("city.toml", `title = "试验市"\ntitle_en = "Trial"\ndivision = "330200"\n[network]\nallow = ["127.0.0.1"]\n`);
  for (const [department, title] of [["civil", "民政局"], ["housing", "住建局"]]) {
    write(`departments/${department}.toml`, `title = "${title}"\ntitle_en = "${department}"\nuscc = "113302000029290324"\n`);
  }
  write("systems/marriage.toml", `title = "婚姻登记查询服务"\ntitle_en = "Marriages"\ndepartment = "civil"\n[connector]\nkind = "service"\nurl = "http://127.0.0.1:${port}"\nopenapi = "services/marriage.json"\nfailures = 2\npause_seconds = 60\n`);
  write("services/marriage.json", JSON.stringify(openapi));
  write("resources/marriage.toml", `title = "婚姻状况"\ntitle_en = "Marriages"\ncode = "3990200/000001"\nsummary = "逐次查询一人的婚姻状况"\nsummary_en = "One person's state"\nsystem = "marriage"\nclass = "department"\nshare = "conditional"\nshare_condition = "依法履职"\nopen = "none"\ngrade = "L3"\nperiod = "continuous"
[[item]]\nname = "id_number"\ntitle = "公民身份号码"\ntitle_en = "Identity number"\nstandard = "citizen_id"\nclass = "sensitive"\nsource = "idNumber"
[[item]]\nname = "name"\ntitle = "姓名"\ntitle_en = "Name"\nstandard = "text"
[[item]]\nname = "married"\ntitle = "是否已婚"\ntitle_en = "Married"\nstandard = "boolean"
[[operation]]\nid = "getPerson"\nrecords = "data[*]"
[[operation.parameter]]\nname = "id"\nitem = "id_number"\nrequired = true\n`);
  const check = spawnSync(binary, ["check", join(folder, "city")], { encoding: "utf8" });
  assert.equal(check.status, 0, check.stdout);
  child = spawn(binary, ["serve", "--city", join(folder, "city"), "--data", join(folder, "data"), "--listen", "127.0.0.1:0"], { stdio: ["ignore", "pipe", "inherit"] });
  address = await new Promise((resolve, reject) => {
    let text = "";
    child.stdout.on("data", (bytes) => {
      text += bytes;
      const found = text.match(/http:\/\/127\.0\.0\.1:\d+/);
      if (found) resolve(found[0]);
    });
    child.on("exit", (code) => reject(new Error(`the server ended with ${code}: ${text}`)));
  });
  const { chromium: driver } = await import("playwright-core");
  browser = await driver.launch({ executablePath: chromium, args: ["--no-sandbox", "--disable-gpu"] });
});

after(async () => {
  await browser?.close();
  if (child) {
    child.kill("SIGTERM");
    await new Promise((resolve) => child.on("exit", resolve));
  }
  upstream?.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

/** An officer of a department, who is logged in. */
async function officer(name, department) {
  sanjiang(`${PASSWORD}\n`, "account", "add", name, "--role", "officer", "--department", department);
  const context = await browser.newContext({ viewport: sizes.desktop });
  const page = await context.newPage();
  await page.goto(`${address}/login`);
  await page.locator('input[name="name"]').fill(name);
  await page.locator('input[name="password"]').fill(PASSWORD);
  await page.locator("main form button").first().click();
  await page.waitForURL((url) => !url.pathname.startsWith("/login"));
  return page;
}

const text = (page) => page.locator("main").innerText();

test("a service is asked for, called, left alone, bounded and reported", { skip }, async () => {
  const lender = await officer("li", "civil");
  const asker = await officer("wang", "housing");
  await asker.goto(`${address}/catalog/marriage`);
  assert.match(await text(asker), /实时服务[\s\S]*查一人的婚姻状况/);
  await inspect(asker, "service-resource");
  await asker.goto(`${address}/resources/marriage/request`);
  await asker.locator("#take-id_number").uncheck();
  await asker.locator("#as-married").selectOption("whole");
  await asker.locator("#per_day").fill("3");
  await asker.locator("#reason").fill("公租房资格审核，《公共租赁住房管理办法》第八条");
  await asker.locator("form.ask button.main").click();
  await asker.waitForURL(/\/requests\//);
  await lender.goto(asker.url());
  await lender.locator('button[value="grant"]').click();
  await asker.reload();
  const grant = await asker.locator('a.button[href^="/grants/"]').getAttribute("href");

  // By the form: what is granted, masked as it says, and nothing else.
  await asker.goto(address + grant);
  await asker.locator('input[name="param:id_number"]').fill(id);
  await asker.locator("form.use button.main").first().click();
  const shown = await text(asker);
  assert.match(shown, /陈\*/);
  assert.ok(!shown.includes("小江") && !shown.includes("SECRET"), shown);
  assert.ok(!asked[0].headers.cookie && asked[0].url === `/persons/${id}`);
  await inspect(asker, "service-grant");

  // By an application, with a receipt.
  await asker.goto(`${address}/applications`);
  await asker.locator('input[name="name"]').fill("审批系统");
  await asker.locator('form[action="/applications"] button').click();
  const key = (await text(asker)).match(/sjapp_\w+/)[0];
  const call = (purpose = "service") => fetch(`${address}/api/v1${grant}/call/getPerson?purpose=${purpose}&id_number=${id}`, { headers: { authorization: `Bearer ${key}` } });
  const answer = await call();
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get("sanjiang-receipt"), /^leaf=\d+$/);
  assert.deepEqual(Object.keys((await answer.json()).rows[0]), ["name", "married"]);
  assert.equal((await call("statistics")).status, 403);

  // It fails twice and is left alone: nobody asks it, and its department sees why.
  mode = "broken";
  for (let n = 0; n < 2; n++) {
    const failed = await call();
    assert.ok(failed.status === 502 && !(await failed.text()).includes("SECRET"));
  }
  const before = asked.length;
  const away = await call();
  assert.ok(away.status === 503 && Number(away.headers.get("retry-after")) >= 1);
  assert.equal(asked.length, before);
  await lender.goto(address + grant);
  assert.match(await text(lender), /已暂停调用[\s\S]*HTTP 500/);
  await inspect(lender, "service-open");

  // Counted for both, and reported by who uses it.
  await lender.goto(`${address}/usage`);
  assert.match(await text(lender), /婚姻状况/);
  await inspect(lender, "usage");
  const csv = await lender.context().request.get(`${address}/usage.csv?by=grant`);
  assert.match(await csv.text(), /婚姻状况/);
  await asker.goto(`${address}${grant}#reports-title`);
  await asker.locator("#report").fill("核验 1 户，免交婚姻证明。");
  await asker.locator('form[action$="/report"] button').click();
  await lender.goto(address + grant);
  assert.match(await text(lender), /免交婚姻证明/);
});
