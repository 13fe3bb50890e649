// Two cities, two processes, and a link between them that is cut in the midst of messages, replays what it has seen and flips bytes,
// while both processes are killed with -9. In the end both sides agree: every request arrived once, every decision came back once,
// and nothing was doubled, lost or believed that should not be. Rows are read across, and an application signs its own requests.
import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { createServer, connect } from "node:net";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chance, collected, count, declare, folder, lines, must, place, Report, run, serve, short, sleep, write } from "./ground.mjs";
import { entries } from "./log.mjs";

const PASSWORD = "a long password";
const ROWS = 200;
const sign = new URL("../docs/sign.mjs", import.meta.url).pathname;

export async function nodes() {
  const report = new Report("nodes");
  const requests = count("NODES", 8, 80);
  const dice = chance("nodes");
  const links = [new Link(dice), new Link(dice)];
  for (const link of links) await link.listen();
  // Each side reaches the other through a link of its own.
  const sides = [await side("here", "330200", links[0].port), await side("there", "331000", links[1].port)];
  await agree(sides[0], sides[1], "there", "331000", links[0].port);
  await agree(sides[1], sides[0], "here", "330200", links[1].port);
  links[0].to = sides[1];
  links[1].to = sides[0];
  for (const one of sides) await start(one, report);
  if (!(await collected(sides[1].server))) report.violation("collection does not come to rest");
  await until("what is offered", async () => (await (await call(sides[0], "users", "nodes/there")).json()).offer?.resources?.length === 2);

  const asked = [];
  for (let n = 0; n < requests; n++) {
    const answer = await call(sides[0], "users", "nodes/there/requests", { resource: "lent", reason: `演练 ${n}`, condition: `id >= ${n}`, keys: ["id"], channels: ["query", "verify", "batch"] }).catch(() => null);
    if (answer?.status === 200) asked.push((await answer.json()).request);
    else if (answer) report.violation(`asking ${n}: ${answer.status} ${await answer.text()}`);
    links.forEach((link) => (link.wild = true));
    await sleep(100 + dice.below(400));
    if (dice.below(2) === 0) {
      const killed = sides[dice.below(2)];
      await killed.server.kill();
      report.sane({ err: killed.server.err, all: killed.server.err }, `kill ${n}`);
      await sleep(dice.below(300));
      await start(killed, report);
    }
    await decide(sides[1], dice, report);
    report.trials++;
  }
  links.forEach((link) => (link.wild = false));
  // The link is whole again: everything gets through by itself.
  const settled = async () => {
    await decide(sides[1], dice, report, true);
    for (const [one, other] of [[sides[0], "there"], [sides[1], "here"]]) {
      await call(one, "steward", `nodes/${other}/call`, {}).then((answer) => answer.arrayBuffer());
      const found = await (await call(one, "steward", `nodes/${other}`)).json();
      if (found.node.waiting) throw new Error(`${one.name} has ${found.node.waiting} messages waiting: ${JSON.stringify(found.node)}`);
    }
    const there = await all(sides[1], "office", "requests");
    const open = asked.filter((id) => !there.some((request) => request.id === id && request.state !== "asked"));
    if (open.length) throw new Error(`undecided: ${open}; here: ${JSON.stringify(await all(sides[0], "users", "node-requests"))}`);
    return true;
  };
  await until("everything has got through", settled);
  await compare(sides, asked, report);
  await read(sides, asked, report, links, dice);
  await signs(sides[1], report);
  for (const one of sides) await one.server.kill();
  links.forEach((link) => link.close());
  for (const one of sides) await verified(one, asked, report);
  report.note(`${asked.length} requests over links cut ${links.map((link) => link.cuts).join(" and ")} times, ${links.map((link) => link.replays).join(" and ")} messages replayed, ${links.map((link) => link.flips).join(" and ")} flipped`);
  return report;
}

/** A link that passes bytes on; while it is wild it cuts, replays and flips. */
class Link {
  constructor(dice) {
    Object.assign(this, { dice, to: null, wild: false, cuts: 0, replays: 0, flips: 0, sockets: new Set(), seen: [] });
  }

  listen() {
    this.server = createServer((from) => this.pass(from));
    return new Promise((resolve) => this.server.listen(0, "127.0.0.1", () => resolve((this.port = this.server.address().port))));
  }

  pass(from) {
    const address = this.to?.server?.address;
    if (!address) return from.destroy();
    const to = connect(Number(new URL(address).port), "127.0.0.1");
    for (const socket of [from, to]) {
      this.sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => (this.sockets.delete(socket), from.destroy(), to.destroy()));
    }
    const fate = this.wild ? this.dice.of(["whole", "whole", "cut there", "cut back", "flip there", "flip back", "replay"]) : "whole";
    const cut = (bytes) => {
      this.cuts++;
      return bytes.subarray(0, this.dice.below(bytes.length + 1));
    };
    const flip = (bytes) => {
      this.flips++;
      const flipped = Buffer.from(bytes);
      flipped[this.dice.below(bytes.length)] ^= 1 << this.dice.below(8);
      return flipped;
    };
    from.on("data", (bytes) => {
      if (bytes.includes("/api/v1/exchange/inbox") && this.seen.length < 200) this.seen.push(Buffer.from(bytes));
      if (fate === "cut there") return void to.end(cut(bytes));
      to.write(fate === "flip there" ? flip(bytes) : bytes);
      if (fate === "replay") this.replay(address);
    });
    to.on("data", (bytes) => {
      if (fate === "cut back") return void (from.write(cut(bytes)), from.destroy());
      from.write(fate === "flip back" ? flip(bytes) : bytes);
    });
  }

  /** Sends something that was seen before, as it was. */
  replay(address) {
    if (!this.seen.length) return;
    this.replays++;
    const again = connect(Number(new URL(address).port), "127.0.0.1", () => again.end(this.dice.of(this.seen)));
    again.on("error", () => {});
    again.on("data", (bytes) => bytes.toString().startsWith("HTTP/1.1 200") && (this.believed = true));
  }

  close() {
    this.sockets.forEach((socket) => socket.destroy());
    this.server.close();
  }
}

async function side(name, division) {
  const at = place(folder(`nodes-${name}`));
  write(join(at.city, "city.toml"), `title = "演练市"\ntitle_en = "Drill"\ndivision = "${division}"\n[network]\nallow = ["127.0.0.1"]\n`);
  write(join(at.city, "departments/users.toml"), 'title = "使用局"\ntitle_en = "Users"\nuscc = "113302000029290324"\nsummary = "演练"\n');
  declare(at.city, "lent", 50, "files", "lent.csv");
  declare(at.city, "bench", 51, "files", "bench.csv");
  const path = join(at.city, "resources/files/lent.toml");
  writeFileSync(path, readFileSync(path, "utf8").replace('share = "unconditional"', 'share = "conditional"\nshare_condition = "演练"'));
  write(join(at.city, "sources/files/lent.csv"), lines(0, ROWS));
  write(join(at.city, "sources/files/bench.csv"), lines(0, 5));
  for (const department of ["office", "users"]) await must(at, ["account", "add", department, "--role", "officer", "--department", department], { input: PASSWORD });
  await must(at, ["account", "add", "steward", "--role", "steward"], { input: PASSWORD });
  return { at, name, server: null, sessions: {} };
}

/** Declares the other side with the key that it shows. */
async function agree(one, other, id, division, port) {
  const jwk = JSON.parse(await must(other.at, ["node", "show", "--json"]));
  const text = `title = "邻市"\ntitle_en = "Neighbour"\ndivision = "${division}"\nurl = "http://127.0.0.1:${port}"\nagreement = "演练协议"\nfrom = "2020-01-01"\nuntil = "2099-12-31"\nresources = ["lent", "bench"]\nchannels = ["query", "verify", "batch"]\npurposes = ["service"]\n[[key]]\nkty = "${jwk.kty}"\ncrv = "${jwk.crv}"\nx = "${jwk.x}"\n`;
  write(join(one.at.city, `nodes/${id}.toml`), text);
}

async function start(one, report) {
  one.server = await serve(one.at);
  if (!one.server.address) report.violation(`${one.name} did not come up: ${one.server.err.slice(-500)}`);
}

/** A call of a person, who logs in once: sessions outlive a kill. */
async function call(one, who, path, body) {
  const json = { "content-type": "application/json" };
  one.sessions[who] ??= await fetch(`${one.server.address}/api/v1/session`, { method: "POST", headers: json, body: JSON.stringify({ name: who, password: PASSWORD }) }).then((answer) => answer.headers.get("set-cookie").split(";")[0]);
  return fetch(`${one.server.address}/api/v1/${path}`, { method: body ? "POST" : "GET", headers: { ...json, cookie: one.sessions[who] }, body: body && JSON.stringify(body) });
}

/** The same of the using officer, again when the grant's minute is used up. */
async function patient(one, path, body) {
  for (let turn = 0; ; turn++) {
    const answer = await call(one, "users", path, body);
    if (answer.status !== 429 || turn === 60) return answer;
    await answer.arrayBuffer();
    await sleep(1000);
  }
}

async function all(one, who, path) {
  return (await (await call(one, who, `${path}?size=200`)).json()).entries;
}

async function until(what, holds, seconds = 90) {
  let last;
  const yes = () => holds().catch((error) => ((last = error), false));
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(500)) if (await yes()) return;
  throw new Error(`not in ${seconds} s: ${what}${last ? ` (${last.message})` : ""}`);
}

/** The provider's officer decides what has arrived: of three one is refused. */
async function decide(one, dice, report, every = false) {
  const waiting = (await all(one, "office", "requests").catch(() => [])).filter((request) => request.state === "asked");
  for (const request of waiting) {
    if (!every && dice.below(2)) continue;
    const decision = dice.below(3) ? { act: "grant", words: "同意" } : { act: "refuse", words: "演练法第一条" };
    const answer = await call(one, "office", `requests/${request.id}`, decision).catch(() => null);
    if (answer && answer.status >= 500) report.violation(`deciding: ${answer.status}`);
  }
}

async function compare(sides, asked, report) {
  const there = (await all(sides[1], "office", "requests")).filter((request) => request.department.id === "node:here");
  for (const id of asked) {
    const arrived = there.filter((request) => request.id === id);
    if (arrived.length !== 1) report.violation(`${id} is there ${arrived.length} times`);
    const here = (await (await call(sides[0], "users", `node-requests/${id}`)).json()).request;
    if (here.state !== arrived[0]?.state) report.violation(`${id} is ${here.state} here and ${arrived[0]?.state} there`);
    if (arrived[0]?.state === "granted" && here.word.grant?.id !== arrived[0].grant) report.violation(`${id} has another grant here than there`);
  }
  const strange = there.filter((request) => !asked.includes(request.id));
  // A kill may fall between the request's being durable and its answer.
  const known = new Set((await all(sides[0], "users", "node-requests")).map((request) => request.id));
  for (const request of strange) if (!known.has(request.id)) report.violation(`${request.id} is there, and nobody asked it`);
}

/** Rows across a link that flips what comes back: what is given is right, whatever else is refused. */
async function read(sides, asked, report, links, dice) {
  const granted = [];
  for (const id of asked) if ((await (await call(sides[0], "users", `node-requests/${id}`)).json()).request.state === "granted") granted.push(id);
  const id = granted[0];
  if (!id) return report.violation("nothing was granted");
  await until("rows across", async () => (await call(sides[0], "users", `node-requests/${id}/rows?purpose=service`, { id: String(ROWS - 1) })).status === 200);
  links[0].wild = true;
  let given = 0;
  for (let n = 0; n < (short ? 20 : 200); n++) {
    const wanted = ROWS - 1 - dice.below(20);
    const answer = await call(sides[0], "users", `node-requests/${id}/rows?purpose=service`, { id: String(wanted) });
    const body = await answer.text();
    if (answer.status !== 200) {
      if (answer.status >= 500 && answer.status !== 503) report.violation(`rows across: ${answer.status} ${body.slice(0, 200)}`);
      continue;
    }
    given++;
    const { rows } = JSON.parse(body);
    if (rows.length !== 1 || rows[0].id !== wanted || rows[0].name !== `号${wanted}`) report.violation(`rows across: asked for ${wanted}, given ${JSON.stringify(rows)}`);
    if (!/^leaf=\d+$/.test(answer.headers.get("sanjiang-origin-receipt"))) report.violation("rows across: no receipt of the other city");
  }
  links[0].wild = false;
  if (!given) report.violation("rows across: nothing was given");
  const verdict = await (await patient(sides[0], `node-requests/${id}/verify?purpose=service`, { id: String(ROWS - 1), name: `号${ROWS - 1}` })).json();
  if (verdict.verdict !== "yes") report.violation(`verified across: ${JSON.stringify(verdict)}`);
  const file = await (await patient(sides[0], `node-requests/${id}/files?purpose=service`, {})).json();
  const bytes = Buffer.from(await (await call(sides[0], "users", `node-requests/${id}/files/${file.leaf}`)).arrayBuffer());
  const text = bytes.toString();
  const { reads, request } = await (await call(sides[0], "users", `node-requests/${id}`)).json();
  const kept = reads.find((one) => one.leaf === file.leaf);
  if (createHash("sha256").update(bytes).digest("hex") !== kept?.digest) report.violation("the file that was fetched is not the one that was vouched for");
  const least = Number(request.word.grant.terms.condition.match(/\d+/)[0]);
  if (text.trim().split(/\r?\n/).length !== ROWS - least + 1) report.violation(`the file across has ${text.trim().split(/\r?\n/).length} lines`);
  report.note(`${given} answers across a wild link, all of them right`);
}

/** An application that signs, by the example of the docs: once believed, never twice, and not at all when altered. */
async function signs(one, report) {
  const key = join(one.at.root, "client.pem");
  const public_key = JSON.parse(execFileSync("node", [sign, "new", key]));
  const { grant } = await (await call(one, "users", "requests", { resource: "bench", purpose: "service", channels: ["query"], reason: "演练" })).json();
  const { keyid } = await (await call(one, "users", "applications", { department: "users", name: "签名应用", public_key })).json();
  if (!keyid) return report.violation("the public key was not registered");
  const url = `${one.server.address}/api/v1/grants/${grant}/rows?purpose=service`;
  await until("rows for who signs", async () => JSON.parse(execFileSync("node", [sign, key, "POST", url, '{"limit":3}'], { stdio: ["ignore", "pipe", "ignore"] })).rows.length === 3);
  const { signed } = await import(sign);
  const { createPrivateKey } = await import("node:crypto");
  const headers = signed(createPrivateKey(readFileSync(key)), "POST", url, '{"limit":2}');
  const send = (body = '{"limit":2}', at = url) => fetch(at, { method: "POST", headers, body });
  const seen = [(await send('{"limit":1}')).status, (await send(undefined, `${url}&case=1`)).status, (await send()).status, (await send()).status];
  if (seen.join() !== "401,401,200,401") report.violation(`altered, misdirected, right and replayed were answered ${seen}`);
  const problem = await (await send()).json();
  if (problem.type !== "/api#signature" || !problem.details.zh || !problem.details.en) report.violation(`the refusal does not say why: ${JSON.stringify(problem)}`);
}

/** The log is whole, and tells each envelope once. */
async function verified(one, asked, report) {
  await must(one.at, ["log", "receipt", "0", "--lang", "en"]);
  const done = await run(one.at, ["log", "verify", "--lang", "en"]);
  if (done.code !== 0) report.violation(`log verify ${one.name}: ${done.all.slice(0, 600)}`);
  const told = entries(join(one.at.data, "log"));
  for (const act of ["node.receive", "node.send"]) {
    const ids = told.filter((entry) => entry.act === act).map((entry) => entry.detail.envelope);
    if (new Set(ids).size !== ids.length) report.violation(`${one.name}: an envelope is told twice as ${act}`);
    if (act === "node.receive" && one.name === "there") for (const id of asked) if (!ids.includes(id)) report.violation(`${id} arrived and is not told`);
  }
  const refusals = told.filter((entry) => entry.act === "node.refuse" || (entry.act === "act.refuse" && entry.detail.act === "signature"));
  report.note(`${one.name} tells of ${refusals.length} refusals: ${[...new Set(refusals.map((entry) => entry.detail.why))].join(", ")}`);
}
