// The n-th system call on a file under the data directory fails: an error in words or a way around it, never a lie.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { addKey, chance, copyOf, count, declare, each, folder, lines, must, place, Report, run, serve, sql, write } from "./ground.mjs";
import { Journal, proven } from "./journal.mjs";

const FAULTS = { write: ["EIO", "ENOSPC", "SHORT"], sync: ["EIO"], name: ["EIO", "ENOSPC"], open: ["EIO", "ENOSPC"] };
const ROWS = 500;

export async function calls() {
  const report = new Report("calls");
  const trials = count("CALLS", 60, 1000);
  const dice = chance("calls");
  const root = folder("calls");
  const shim = join(root, "shim.so");
  const source = new URL("shim.c", import.meta.url).pathname;
  const built = spawnSync("cc", ["-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-o", shim, source, "-ldl"], { encoding: "utf8" });
  if (built.status !== 0) {
    report.skip(`no C compiler: ${built.stderr || built.error}`);
    return report;
  }
  const grounds = { first: await first(join(root, "first")), second: null, push: await pushed(join(root, "pushed")) };
  grounds.second = await second(grounds.first, join(root, "second"));
  const totals = {};
  for (const kind of Object.keys(grounds)) totals[kind] = await counted(report, grounds[kind], kind, shim, join(root, `count-${kind}`));
  const plan = [];
  for (let n = 0; n < trials; n++) {
    const kind = dice.of(["first", "second", "push"]);
    const call = dice.of(Object.keys(FAULTS).filter((call) => totals[kind][call] > 0));
    const nth = 1 + dice.below(totals[kind][call]);
    plan.push({ kind, call, nth, fault: dice.of(FAULTS[call]), sticky: dice.below(3) === 0 });
  }
  const met = { survived: 0, refused: 0, missed: 0 };
  await each(plan, async (trial, n) => {
    const spot = copyOf(grounds[trial.kind], join(root, `trial-${n}`));
    const told = join(root, `told-${n}`);
    const env = environment(shim, spot, { ...trial, told });
    const what = `${trial.kind} ${trial.call} #${trial.nth} ${trial.fault}${trial.sticky ? " and all after" : ""}`;
    const act = trial.kind === "push" ? pushTrial : collectTrial;
    const fine = await act(report, `${what} (trial ${n})`, spot, env, () => failedPath(told), grounds[trial.kind]);
    met[failedPath(told) === null ? "missed" : fine ? "survived" : "refused"]++;
    report.trials++;
    rmSync(spot.root, { recursive: true, force: true });
  });
  report.note(`calls seen: ${JSON.stringify(totals)}; went on ${met.survived}, refused ${met.refused}, call never came ${met.missed}`);
  return report;
}

const environment = (shim, at, { call = "", nth = 0, fault = "EIO", sticky = false, told }) => ({
  LD_PRELOAD: shim, SHIM_DIR: at.data, SHIM_CALL: call, SHIM_NTH: String(nth), SHIM_FAULT: fault, SHIM_REPORT: told, ...(sticky ? { SHIM_STICKY: "1" } : {}),
});

const telling = (told) => {
  try {
    return readFileSync(told, "utf8").split("\n");
  } catch {
    return [];
  }
};
const failedPath = (told) => telling(told).find((line) => line.startsWith("failed "))?.split(" ").slice(2).join(" ") ?? null;

const ledgerFile = (at) => join(at.city, "sources/files/ledger.csv");

/** A city whose ledger was never collected. */
async function first(root) {
  const at = place(root);
  declare(at.city, "ledger", 3, "files", "ledger.csv");
  write(ledgerFile(at), lines(0, ROWS));
  mkdirSync(at.data, { recursive: true });
  return { ...at, raw: ROWS, rows: ROWS, changed: 0 };
}

/** The same, collected; then some rows changed and some came. */
async function second(from, root) {
  const at = copyOf(from, root);
  await must(at, ["collect", "--all"]);
  const [, ...old] = lines(0, ROWS).trim().split("\n");
  write(ledgerFile(at), `id,name\n${old.map((line, n) => (n % 5 ? line : `${line}改`)).join("\n")}\n${lines(ROWS, 100).split("\n").slice(1).join("\n")}`);
  return { ...at, raw: ROWS + ROWS / 5 + 100, rows: ROWS + 100, changed: ROWS / 5 };
}

/** A city with a key for pushing. */
async function pushed(root) {
  const at = place(root);
  return { ...at, secret: await addKey(at) };
}

/** How many calls of each kind one whole act makes. */
async function counted(report, ground, kind, shim, root) {
  const spot = copyOf(ground, root);
  const told = `${root}-told`;
  const env = environment(shim, spot, { told });
  if (kind === "push") {
    const server = await serve(spot, { env, collect: false });
    await pushFour(new Journal(spot, ground.secret), server);
    server.child.kill("SIGTERM");
    await new Promise((resolve) => server.child.once("close", resolve));
  } else report.sane(await run(spot, ["collect", "--all"], { env }), `counting ${kind}`);
  rmSync(root, { recursive: true, force: true });
  const number = (call) => Number(telling(told).findLast((line) => line.startsWith(`${call} `))?.split(" ")[1] ?? 0);
  return Object.fromEntries(Object.keys(FAULTS).map((call) => [call, number(call)]));
}

/** Collects with the fault, then without; true if the fault was survived. */
async function collectTrial(report, what, at, env, path, ground) {
  const done = await run(at, ["collect", "--all", "--lang", "en"], { env, seconds: 180 });
  const named = `${what} at ${path()?.replace(at.data, "DATA")}`;
  report.sane(done, named);
  if (done.code === 0) await balance(report, `${named}, which it survived`, at, ground);
  else await nothingTwice(report, named, at);
  const again = await run(at, ["collect", "--all", "--lang", "en"], { seconds: 180 });
  report.sane(again, `${named}, collected again`);
  if (again.code !== 0) report.violation(`${named}: cannot be collected again: ${again.all.slice(-600)}`);
  else await balance(report, `${named}, collected again`, at, ground);
  await proven(report, named, at);
  return done.code === 0;
}

const ledger = (layer) => `select count(*) as n, count(distinct id || ' ' || name) as d, count(distinct id) as ids from (select cast(id as varchar) as id, name from ${layer}.ledger)`;

async function balance(report, what, at, ground) {
  const expected = { raw: `${ground.raw},${ground.raw},${ground.rows}`, standard: `${ground.rows},${ground.rows},${ground.rows}` };
  for (const layer of ["raw", "standard"]) {
    const done = await sql(at, ledger(layer));
    const said = done.code === 0 ? done.out.trim().split("\n").pop() : done.err.slice(0, 300);
    if (said !== expected[layer]) report.violation(`${what}: ${layer}.ledger should be ${expected[layer]} and is ${said}`);
  }
  const changed = await sql(at, "select count(*) as n from standard.ledger where name like '%改'");
  const said = changed.out.trim().split("\n").pop();
  if (said !== String(ground.changed)) report.violation(`${what}: ${ground.changed} rows should be changed, ${said} are`);
}

async function nothingTwice(report, what, at) {
  for (const layer of ["raw", "standard"]) {
    const done = await sql(at, ledger(layer));
    report.sane(done, `${what}: ${layer}`);
    // A table that is not there yet answers with an error.
    const [n, distinct] = done.code === 0 ? done.out.trim().split("\n").pop().split(",") : ["", ""];
    if (n !== distinct) report.violation(`${what}: ${layer}.ledger holds ${n} rows, ${distinct} different ones`);
  }
}

async function pushFour(journal, server) {
  let fine = true;
  for (let n = 0; n < 4; n++) fine = (await journal.send(server, journal.write(n % 2 ? "pass" : "event", 10))) && fine;
  return fine;
}

/** Pushes with the fault, kills, and pushes the rest without; true if all was acknowledged at once. */
async function pushTrial(report, what, at, env, path, ground) {
  const journal = new Journal(at, ground.secret);
  const server = await serve(at, { env, collect: false });
  const fine = server.address ? await pushFour(journal, server) : false;
  await server.kill();
  const named = `${what} at ${path()?.replace(at.data, "DATA")}`;
  report.sane({ err: server.err, all: server.err }, named);
  if (!server.address && !server.err.trim()) report.violation(`${named}: the server did not come up and said nothing`);
  await journal.check(report, named);
  const clean = await serve(at, { collect: false });
  if (!clean.address) report.violation(`${named}: the server does not come up again: ${clean.err.slice(-500)}`);
  else await journal.settle(clean, report, named);
  await clean.kill();
  await journal.check(report, `${named}, sent again`);
  return fine;
}
