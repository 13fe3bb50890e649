// The client's own journal of what it pushed and what was acknowledged, and the checker that holds the lake to it.
// The checker only reads: it asks `sanjiang sql` and, where the binary can, `sanjiang lake verify`.
import { join } from "node:path";
import { canProve, keep, run, sleep, sql } from "./ground.mjs";

const RESOURCES = ["pass", "event"];

export class Journal {
  constructor(at, secret) {
    Object.assign(this, { at, secret, batches: [], next: 1 });
  }

  /** A batch of rows whose ids nobody else has. */
  write(resource, rows) {
    const batch = { key: `batch-${this.batches.length}`, resource, first: this.next, rows, acked: false };
    this.next += rows;
    this.batches.push(batch);
    this.tell("sent", batch);
    return batch;
  }

  tell(word, batch) {
    keep(join(this.at.root, "journal.ndjson"), `${JSON.stringify({ word, at: Date.now(), ...batch })}\n`);
  }

  get acked() {
    return this.batches.filter((batch) => batch.acked);
  }

  get open() {
    return this.batches.filter((batch) => !batch.acked);
  }

  /** Sends a batch; true once it was acknowledged. */
  async send(server, batch) {
    let body = "";
    for (let id = batch.first; id < batch.first + batch.rows; id++) body += `{"id":${id},"name":"${batch.key}"}\n`;
    const headers = { authorization: `Bearer ${this.secret}`, "content-type": "application/x-ndjson", "idempotency-key": batch.key };
    const signal = AbortSignal.timeout(60_000);
    try {
      const answer = await fetch(`${server.address}/api/v1/resources/${batch.resource}/rows`, { method: "POST", headers, body, signal });
      const text = await answer.text();
      batch.answer = `${answer.status} ${text.slice(0, 400)}`;
      if (!answer.ok) return false;
      const said = JSON.parse(text);
      if (said.rows !== batch.rows || said.landed !== batch.rows) batch.odd = text.slice(0, 300);
      batch.acked = true;
      this.tell("acknowledged", batch);
      return true;
    } catch (error) {
      batch.answer = String(error.cause?.code ?? error);
      return false;
    }
  }

  /** Sends again, under the same names, what was never acknowledged. */
  async settle(server, report, what) {
    for (const batch of this.open) {
      for (let round = 0; round < 20 && !(await this.send(server, batch)); round++) await sleep(250);
      if (!batch.acked) report.violation(`${what}: ${batch.key} cannot be sent again: ${batch.answer}`);
    }
  }

  /** Every acknowledged row once, every other batch whole or not at all, nothing that was never sent. */
  async check(report, what, at = this.at) {
    for (const batch of this.acked.filter((batch) => batch.odd)) report.violation(`${what}: ${batch.key} was answered ${batch.odd}`);
    for (const layer of ["raw", "standard"]) for (const resource of RESOURCES) await this.checkTable(report, what, at, layer, resource);
  }

  async checkTable(report, what, at, layer, resource) {
    const table = `${layer}.${resource}`;
    const batches = this.batches.filter((batch) => batch.resource === resource);
    const done = await sql(at, `select id, name, count(*) as n from ${table} group by id, name`);
    report.sane(done, `${what}: ${table}`);
    if (done.code !== 0) {
      if (batches.some((batch) => batch.acked)) report.violation(`${what}: ${table} cannot be read: ${done.err.slice(0, 400)}`);
      return;
    }
    const found = new Map();
    for (const line of done.out.trim().split("\n").slice(1)) {
      const [id, name, n] = line.split(",");
      found.set(`${id} ${name}`, (found.get(`${id} ${name}`) ?? 0) + Number(n));
    }
    for (const batch of batches) {
      let there = 0;
      for (let id = batch.first; id < batch.first + batch.rows; id++) {
        const n = found.get(`${id} ${batch.key}`) ?? 0;
        found.delete(`${id} ${batch.key}`);
        if (n > 1) report.violation(`${what}: ${table}: row ${id} of ${batch.key} stands there ${n} times`);
        there += n > 0;
      }
      if (batch.acked && there !== batch.rows) report.violation(`${what}: ${table}: ${batch.key} was acknowledged, ${there} of ${batch.rows} rows are there`);
      if (!batch.acked && there !== 0 && there !== batch.rows) report.violation(`${what}: ${table}: half of ${batch.key}: ${there} of ${batch.rows} rows`);
    }
    if (found.size) report.violation(`${what}: ${table}: ${found.size} rows that nobody sent, such as ${[...found.keys()][0]}`);
  }
}

/** A ledger of files holds ids `first` to `first + rows - 1` once each, in both layers. */
export async function checkLedger(report, what, at, id, first, rows) {
  const expected = `${rows},${rows},${first},${first + rows - 1}`;
  for (const layer of ["raw", "standard"]) {
    const number = "cast(id as bigint)";
    const text = `select count(*) as n, count(distinct ${number}) as d, min(${number}) as a, max(${number}) as b from ${layer}.${id}`;
    const done = await sql(at, text);
    report.sane(done, `${what}: ${layer}.${id}`);
    const said = done.code === 0 ? done.out.trim().split("\n").pop() : done.err.slice(0, 300);
    if (said !== expected) report.violation(`${what}: ${layer}.${id} should be ${expected} and is ${said}`);
  }
}

/** Every byte of the lake is as the log says; nothing to say where the binary cannot tell. */
export async function proven(report, what, at) {
  if (!canProve()) return;
  const done = await run(at, ["lake", "verify", "--lang", "en"]);
  report.sane(done, `${what}: lake verify`);
  if (done.code !== 0) report.violation(`${what}: lake verify: ${done.all.slice(0, 600)}`);
}
