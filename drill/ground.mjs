// The ground of a drill: a small city in a temporary folder, the binary as its users call it, seeded chance.
import { spawn, spawnSync } from "node:child_process";
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export const binary = process.env.SANJIANG ?? new URL("../target/debug/sanjiang", import.meta.url).pathname;
export const short = ["1", "true", "yes"].includes(process.env.SHORT ?? "");
export const seed = Number(process.env.SEED ?? Date.now() % 1_000_000_007);

/** A count that the environment may set; `few` in the short form, `many` in the long one. */
export const count = (name, few, many) => Number(process.env[name] ?? (short ? few : many));
export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Random numbers that come again with the same seed and word. */
export function chance(word) {
  let state = (seed ^ [...word].reduce((sum, letter) => Math.imul(sum, 31) + letter.charCodeAt(0), 7)) >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return { below: (n) => Math.floor(next() * n), of: (list) => list[Math.floor(next() * list.length)] };
}

const scratch = [];
/** A folder that goes when the drills end. */
export function folder(word) {
  const dir = mkdtempSync(join(process.env.DRILL_TMP ?? tmpdir(), `sanjiang-drill-${word}-`));
  scratch.push(dir);
  return dir;
}
const children = new Set();
/** Notes a process, so that it does not outlive the drills. */
export const started = (child) => {
  children.add(child);
  child.on("close", () => children.delete(child));
  return child;
};
process.on("exit", () => {
  children.forEach((child) => child.kill("SIGKILL"));
  scratch.forEach((dir) => rmSync(dir, { recursive: true, force: true }));
});

export function write(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

const item = (name, standard, more = "") => `[[item]]\nname = "${name}"\ntitle = "${name}"\ntitle_en = "${name}"\nstandard = "${standard}"\n${more}\n`;

/** Declares a resource of a key and a text. */
export function declare(city, id, number, system, from, key = true) {
  const head = `title = "${id}"\ntitle_en = "${id}"\ncode = "3990200/${String(number).padStart(6, "0")}"\nsummary = "演练"\nsystem = "${system}"\nclass = "department"\n`;
  const share = `share = "unconditional"\nopen = "none"\nopen_condition = "演练数据不开放"\ngrade = "L1"\nperiod = "daily"\n[collect]\nfrom = "${from}"\n\n`;
  write(join(city, `resources/${system}/${id}.toml`), head + share + item("id", "integer", key ? "key = true\nrequired = true" : "") + item("name", "text"));
}

/** A city of two systems: one delivers files, one pushes; two resources are pushed, with a key and without. */
export function place(root) {
  const city = join(root, "city");
  const data = join(root, "data");
  write(join(city, "city.toml"), 'title = "演练市"\ntitle_en = "Drill"\ndivision = "330200"\n');
  write(join(city, "departments/office.toml"), 'title = "演练局"\ntitle_en = "Drill office"\nuscc = "113302000029290324"\nsummary = "演练"\n');
  const system = (id, connector) =>
    write(join(city, `systems/${id}.toml`), `title = "${id}"\ntitle_en = "${id}"\ndepartment = "office"\nsummary = "演练"\n[connector]\n${connector}\n`);
  system("files", 'kind = "files"\npath = "sources/files"');
  system("gate", 'kind = "push"');
  declare(city, "pass", 1, "gate", "pass");
  declare(city, "event", 2, "gate", "event", false);
  return { root, city, data };
}

/** The same place again, elsewhere. */
export function copyOf(from, root) {
  cpSync(from.root, root, { recursive: true });
  return { root, city: join(root, "city"), data: join(root, "data") };
}

/** Lines of a file for a ledger, ids from `first`. */
export function lines(first, rows, word = "号") {
  let text = "id,name\n";
  for (let id = first; id < first + rows; id++) text += `${id},${word}${id}\n`;
  return text;
}

const where = (at) => ["--city", at.city, "--data", at.data];

/** Peak memory of a process so far, in MiB. */
export function peak(pid) {
  try {
    return Number(readFileSync(`/proc/${pid}/status`, "utf8").match(/VmHWM:\s+(\d+)/)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** Runs a command to its end or its deadline. */
export function run(at, words, { env = {}, seconds = 180, feed, input } = {}) {
  return new Promise((resolve, reject) => {
    const child = started(spawn(binary, [...words, ...where(at)], { stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"], env: { ...process.env, ...env } }));
    child.stdin?.end(input);
    const done = { code: null, out: "", err: "", hung: false, peak: 0 };
    child.stdout.on("data", (bytes) => (done.out.length < 1 << 26 ? (done.out += bytes) : 0));
    child.stderr.on("data", (bytes) => (done.err.length < 1 << 24 ? (done.err += bytes) : 0));
    const look = setInterval(() => (done.peak = Math.max(done.peak, peak(child.pid))), 15);
    const end = setTimeout(() => ((done.hung = true), child.kill("SIGKILL")), seconds * 1000);
    if (typeof feed === "function") feed(child);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearInterval(look);
      clearTimeout(end);
      resolve({ ...done, code, signal, all: done.out + done.err });
    });
  });
}

/** Runs and insists on success. */
export async function must(at, words, options) {
  const done = await run(at, words, options);
  if (done.code !== 0) throw new Error(`sanjiang ${words.join(" ")}: ${done.code ?? done.signal}\n${done.all.slice(-2000)}`);
  return done.out;
}

export const sql = (at, text, options) => run(at, ["sql", text, "--format", "csv", "--lang", "en"], options);
export const addKey = async (at) => (await must(at, ["key", "add", "gate"])).trim().split(/\s+/).pop();

let proves;
/** Whether the binary can prove the lake's bytes. */
export function canProve() {
  proves ??= spawnSync(binary, ["lake", "verify", "--help"]).status === 0;
  return proves;
}

/** A server on a free port; `ended` when it did not come up. */
export async function serve(at, { env = {}, collect = true } = {}) {
  const words = ["serve", ...where(at), "--listen", "127.0.0.1:0", ...(collect ? [] : ["--no-collect"])];
  const child = started(spawn(binary, words, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } }));
  const server = { child, address: null, err: "", ended: false };
  const closed = new Promise((resolve) => child.on("close", () => ((server.ended = true), resolve())));
  child.stderr.on("data", (bytes) => (server.err = (server.err + bytes).slice(-100_000)));
  const spoken = new Promise((resolve) => {
    let text = "";
    child.stdout.on("data", (bytes) => {
      text = (text + bytes).slice(-10_000);
      // The address is the last that is said; links for first accounts come before it.
      const found = text.match(/Sanjiang is at\s+(http:\/\/[\d.:]+)\s/);
      if (found) resolve((server.address = found[1]));
    });
  });
  const patience = sleep(120_000);
  await Promise.race([spoken, closed, patience]);
  server.kill = async () => {
    child.kill("SIGKILL");
    await closed;
  };
  return server;
}

/** Waits until nothing is running and something has run. */
export async function collected(server, seconds = 120) {
  const end = Date.now() + seconds * 1000;
  for (let quiet = 0; quiet < 8; await sleep(250)) {
    if (Date.now() > end) return false;
    const status = await fetch(`${server.address}/api/v1/status`).then((answer) => answer.json()).catch(() => null);
    quiet = status && status.running === 0 && status.last_run !== null ? quiet + 1 : 0;
  }
  return true;
}

/** Works through a list, two at a time. */
export async function each(list, act) {
  const left = list.entries();
  const worker = async () => {
    for (const [n, one] of left) await act(one, n);
  };
  await Promise.all([worker(), worker()]);
}

/** What a drill found. */
export class Report {
  constructor(name) {
    Object.assign(this, { name, trials: 0, violations: [], notes: [], skipped: null, began: Date.now() });
  }
  violation(text) {
    this.violations.push(text);
    console.log(`VIOLATION ${this.name}: ${text}`);
  }
  note(text) {
    this.notes.push(text);
    console.log(`  ${this.name}: ${text}`);
  }
  skip(text) {
    this.skipped = text;
    console.log(`SKIP ${this.name}: ${text}`);
  }
  /** What no process may do, whatever befell it. */
  sane(done, what) {
    if (done.hung) this.violation(`${what}: did not end`);
    if (/panicked at|stack overflow/.test(done.err)) this.violation(`${what}: panic: ${done.err.match(/.*(panicked at|stack overflow).*\n?.*/)[0]}`);
    if (["SIGABRT", "SIGSEGV", "SIGBUS", "SIGILL"].includes(done.signal)) this.violation(`${what}: died of ${done.signal}`);
    if (done.code && !done.all.trim()) this.violation(`${what}: failed without a word`);
  }
}

export const keep = (path, text) => appendFileSync(path, text);
