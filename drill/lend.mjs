// kill -9 at random moments while applications read under a grant: every answer that arrived stands in the log once, with the
// hash of its body, the grant's own count agrees, and what was withdrawn before a kill stays withdrawn after it.
import { createHash } from "node:crypto";
import { join } from "node:path";
import { chance, collected, count, declare, folder, lines, must, place, Report, run, serve, sleep, write } from "./ground.mjs";
import { entries } from "./log.mjs";

const ROWS = 2_000;
const READERS = 8;
const PASSWORD = "a long password";

export async function lend() {
  const report = new Report("lend");
  const kills = count("LENDS", 6, 60);
  const dice = chance("lend");
  const at = city(folder("lend"));
  for (const department of ["office", "users"])
    await must(at, ["account", "add", department, "--role", "officer", "--department", department], { input: PASSWORD });
  const answers = [];
  let server = await serve(at);
  if (!(await collected(server))) report.violation("collection does not come to rest");
  const { grant, key } = await granted(server);
  await until(server, grant, key, 200);
  for (let n = 0; n < kills; n++) {
    const stop = { now: false };
    const readers = Array.from({ length: READERS }, () => read(server, grant, key, dice, stop, answers));
    await sleep(200 + dice.below(1_200));
    await server.kill();
    stop.now = true;
    await Promise.all(readers);
    report.sane({ err: server.err, all: server.err }, `kill ${n}`);
    report.trials++;
    server = await serve(at);
    if (!server.address) {
      report.violation(`kill ${n}: the server did not come up: ${server.err.slice(-500)}`);
      return report;
    }
    await until(server, grant, key, 200);
  }
  const used = (await (await call(server, "users", `grants/${grant}`)).json()).usage.reduce((sum, day) => sum + day.calls, 0);
  // An end that was acknowledged is one, whatever comes then.
  const ended = await call(server, "office", `grants/${grant}/withdraw`, { words: "演练结束" });
  await server.kill();
  if (ended.status !== 204) report.violation(`the grant was not withdrawn: ${ended.status}`);
  server = await serve(at);
  const after = await rows(server, grant, key, 1);
  if (after.status !== 403) report.violation(`a grant that was withdrawn before the kill answers ${after.status}`);
  await server.kill();
  await must(at, ["log", "receipt", "0", "--lang", "en"]);
  const verified = await run(at, ["log", "verify", "--lang", "en"]);
  if (verified.code !== 0) report.violation(`log verify: ${verified.all.slice(0, 600)}`);
  const told = entries(join(at.data, "log"));
  for (const { leaf, digest } of answers) {
    const entry = told[leaf];
    if (entry?.act !== "read.grant" || entry.detail.answer !== digest) report.violation(`the answer of leaf ${leaf} is not what the log tells there`);
  }
  if (new Set(answers.map(({ leaf }) => leaf)).size !== answers.length) report.violation("two answers have one leaf");
  const reads = told.filter((entry) => entry.act === "read.grant").length;
  if (reads !== used) report.violation(`the log tells ${reads} readings, the grant counts ${used}`);
  report.note(`${answers.length} answers arrived, ${reads} are told`);
  return report;
}

function city(root) {
  const at = place(root);
  write(join(at.city, "departments/users.toml"), 'title = "使用局"\ntitle_en = "Users"\nuscc = "113302000029290324"\nsummary = "演练"\n');
  declare(at.city, "lent", 50, "files", "lent.csv");
  write(join(at.city, "sources/files/lent.csv"), lines(0, ROWS));
  return at;
}

const sessions = new WeakMap();

/** A call of an officer, who logs in once with each server. */
async function call(server, who, path, body) {
  const known = sessions.get(server) ?? {};
  sessions.set(server, known);
  const json = { "content-type": "application/json" };
  known[who] ??= await fetch(`${server.address}/api/v1/session`, { method: "POST", headers: json, body: JSON.stringify({ name: who, password: PASSWORD }) }).then(
    (answer) => answer.headers.get("set-cookie").split(";")[0],
  );
  return fetch(`${server.address}/api/v1/${path}`, { method: body ? "POST" : "GET", headers: { ...json, cookie: known[who] }, body: body && JSON.stringify(body) });
}

async function granted(server) {
  const asking = { resource: "lent", purpose: "service", channels: ["query"], keys: ["id"], reason: "演练" };
  const { grant } = await (await call(server, "users", "requests", asking)).json();
  const { key } = await (await call(server, "users", "applications", { department: "users", name: "演练" })).json();
  return { grant, key };
}

const rows = (server, grant, key, id) =>
  fetch(`${server.address}/api/v1/grants/${grant}/rows?purpose=service&id=${id}`, { headers: { authorization: `Bearer ${key}` } });

async function until(server, grant, key, status) {
  for (let tries = 0; tries < 240; tries++) {
    const answer = await rows(server, grant, key, 1).catch(() => null);
    await answer?.arrayBuffer();
    if (answer?.status === status) return;
    await sleep(250);
  }
  throw new Error("no rows in a minute");
}

/** Reads until told to stop; an answer counts once all of it is there. */
async function read(server, grant, key, dice, stop, answers) {
  while (!stop.now) {
    try {
      const answer = await rows(server, grant, key, dice.below(ROWS));
      const body = Buffer.from(await answer.arrayBuffer());
      if (answer.status !== 200) {
        await sleep(20);
        continue;
      }
      const leaf = Number(answer.headers.get("sanjiang-receipt").split("=")[1]);
      answers.push({ leaf, digest: createHash("sha256").update(body).digest("hex") });
    } catch {
      return;
    }
  }
}
