// Every file under the data directory is damaged in every way: an answer is the same as before or an error, never another.
import { closeSync, copyFileSync, fsyncSync, openSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { addKey, canProve, chance, copyOf, count, declare, each, folder, lines, must, place, Report, run, serve, sql, write } from "./ground.mjs";
import { Journal } from "./journal.mjs";

const ANSWER = ["raw", "standard"]
  .flatMap((layer) => ["ledger", "pass", "event"].map((id) => `select '${layer}.${id}' as t, cast(id as varchar) as id, name from ${layer}.${id}`))
  .join(" union all ")
  .concat(" order by t, id, name");

export async function damage() {
  const report = new Report("damage");
  const trials = count("DAMAGES", 60, 5000);
  const dice = chance("damage");
  const root = folder("damage");
  const ground = await prepare(report, join(root, "ground"));
  const before = { answer: (await sql(ground, ANSWER)).out, keys: await must(ground, ["key", "list"]) };
  const files = filesUnder(ground.data).filter((file) => !/lock|\.sqlite-shm$|-shm$/.test(file));
  const all = files.flatMap((file) => HARMS.map((harm) => ({ file, ...harm }))).filter(({ file, harm }) => harm !== "swapped" || files.some((other) => kindOf(other) === kindOf(file) && other !== file));
  const met = { same: 0, error: 0, named: 0, unnamed: 0 };
  await each(drawn(dice, all, trials), async (trial, n) => {
    const spot = copyOf(ground, join(root, `trial-${n}`));
    const what = `${trial.file} ${trial.harm}`;
    const path = join(spot.data, trial.file);
    const twin = join(ground.data, dice.of(files.filter((other) => kindOf(other) === kindOf(trial.file) && other !== trial.file)) ?? trial.file);
    const old = readFileSync(path);
    trial.act(path, statSync(path).size, dice, twin);
    const whole = trial.harm !== "deleted" && readFileSync(path).equals(old);
    report.trials++;
    if (!whole) await judge(report, what, spot, trial.file, before, met);
    rmSync(spot.root, { recursive: true, force: true });
  });
  report.note(`${files.length} files; answers the same ${met.same}, errors ${met.error}; verify named ${met.named}, said nothing ${met.unnamed}`);
  return report;
}

/** A ledger collected twice, and enough pushes for a checkpoint. */
async function prepare(report, root) {
  const at = place(root);
  declare(at.city, "ledger", 3, "files", "ledger.csv");
  const file = join(at.city, "sources/files/ledger.csv");
  write(file, lines(0, 300));
  await must(at, ["collect", "--all"]);
  write(file, `${lines(0, 299)}299,改\n300,新\n`);
  const journal = new Journal(at, await addKey(at));
  const server = await serve(at, { collect: false });
  for (let n = 0; n < 24; n++) await journal.send(server, journal.write(n % 2 ? "pass" : "event", 5));
  await server.kill();
  await must(at, ["collect", "--all"]);
  await journal.check(report, "before the damage");
  return at;
}

const filesUnder = (dir) => readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name)).map((path) => path.slice(dir.length + 1)).filter((file) => statSync(join(dir, file)).size > 0).sort();

const HARMS = [
  { harm: "with a byte flipped", act: (path, size, dice) => patch(path, dice.below(size), (byte) => byte ^ (1 << dice.below(8))) },
  { harm: "cut in half", act: (path, size) => truncateSync(path, size >> 1) },
  { harm: "short of its last byte", act: (path, size) => truncateSync(path, size - 1) },
  { harm: "empty", act: (path) => truncateSync(path, 0) },
  { harm: "all zeros", act: (path, size) => writeFileSync(path, Buffer.alloc(size)) },
  { harm: "with a sector of zeros", act: (path, size, dice) => patch(path, Math.max(0, dice.below(size) - 256), () => 0, 512) },
  { harm: "deleted", act: (path) => rmSync(path) },
  { harm: "swapped", act: (path, size, dice, twin) => copyFileSync(twin, path) },
];

/** Changes some bytes in place. */
function patch(path, from, change, length = 1) {
  const bytes = readFileSync(path);
  for (let n = from; n < Math.min(bytes.length, from + length); n++) bytes[n] = change(bytes[n]);
  const file = openSync(path, "r+");
  writeSync(file, bytes);
  fsyncSync(file);
  closeSync(file);
}

/** Files that could be taken for each other. */
const kindOf = (file) => file.replace(/^.*\//, "").replace(/^.*?(\.|$)/, "").replace(/[0-9a-f]{6,}/g, "") + (file.includes("_delta_log") ? " log" : "");

/** Some of all, but first one of every kind of file with every kind of damage. */
function drawn(dice, all, number) {
  const shuffled = all.map((trial) => ({ trial, at: dice.below(1 << 30) })).sort((a, b) => a.at - b.at).map(({ trial }) => trial);
  const seen = new Set();
  const rare = (trial) => !seen.has(`${kindOf(trial.file)} ${trial.harm}`) && seen.add(`${kindOf(trial.file)} ${trial.harm}`);
  const [firsts, rest] = [[], []];
  for (const trial of shuffled) (rare(trial) ? firsts : rest).push(trial);
  return [...firsts, ...rest].slice(0, number);
}

async function judge(report, what, at, file, before, met) {
  const done = await sql(at, ANSWER, { seconds: 180 });
  report.sane(done, what);
  if (done.code !== 0) met.error++;
  else if (done.out === before.answer) met.same++;
  else report.violation(`${what}: silently another answer: ${difference(before.answer, done.out)}`);
  if (file.startsWith("lake/")) await verify(report, what, at, file, met);
  else {
    const keys = await run(at, ["key", "list"], { seconds: 180 });
    report.sane(keys, `${what}: key list`);
    if (keys.code === 0 && keys.out !== before.keys) report.violation(`${what}: key list says something else without an error: ${JSON.stringify(keys.out.slice(0, 200))}`);
  }
}

/** What holds data or the log must be named; other files may stay unsaid as long as answers are the same. */
async function verify(report, what, at, file, met) {
  if (!canProve()) return;
  const done = await run(at, ["lake", "verify", "--lang", "en"], { seconds: 180 });
  report.sane(done, `${what}: lake verify`);
  const named = done.code !== 0 && done.all.includes(file.split("/").pop());
  met[named ? "named" : "unnamed"]++;
  const table = file.split("/").slice(1, 3).join(".");
  if (!named && /^lake\/(raw|standard)\/.*\.(parquet|json)$/.test(file) && !/_last_checkpoint/.test(file)) {
    if (done.code === 0) report.violation(`${what}: lake verify finds nothing`);
    else if (!done.all.includes(table)) report.violation(`${what}: lake verify names neither file nor table: ${done.all.slice(0, 300)}`);
  }
}

function difference(a, b) {
  const [left, right] = [a.split("\n"), b.split("\n")];
  const at = left.findIndex((line, n) => line !== right[n]);
  return `${left.length - 2} rows became ${right.length - 2}; first "${left[at]}" → "${right[at]}"`;
}
