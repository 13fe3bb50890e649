// The log of acts, held to the client's journal: every push that was acknowledged is told once, and the log goes on from every
// checkpoint that somebody outside has seen. The bundles of entries are read here by what the standard says, not by our code.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./ground.mjs";

/** Checkpoints as an outside witness keeps them. */
export class Seen {
  constructor(at) {
    Object.assign(this, { at, files: [] });
  }

  look() {
    const path = join(this.at.data, "log/checkpoint");
    if (!existsSync(path)) return;
    const text = readFileSync(path, "utf8");
    if (this.files.length && readFileSync(this.files.at(-1), "utf8") === text) return;
    const file = join(this.at.root, `checkpoint-${this.files.length}`);
    writeFileSync(file, text);
    this.files.push(file);
  }
}

/** All entries of the log's files, in order (c2sp.org/tlog-tiles: two bytes of length, then so many bytes, 256 a bundle). */
export function entries(folder) {
  const size = Number(readFileSync(join(folder, "checkpoint"), "utf8").split("\n")[1]);
  const found = [];
  for (let bundle = 0; bundle * 256 < size; bundle++) {
    const digits = String(bundle).padStart(Math.ceil(String(bundle).length / 3) * 3, "0").match(/\d{3}/g);
    const name = digits.map((part, n) => (n < digits.length - 1 ? `x${part}` : part)).join("/");
    const width = Math.min(256, size - bundle * 256);
    const path = join(folder, "tile/entries", width === 256 ? name : `${name}.p/${width}`);
    const bytes = readFileSync(path);
    for (let at = 0, n = 0; n < width; n++) {
      const length = bytes.readUInt16BE(at);
      found.push(JSON.parse(bytes.subarray(at + 2, at + 2 + length)));
      at += 2 + length;
    }
  }
  return found;
}

/** Verifies the log, and what it tells of pushes. */
export async function logged(report, what, at, journal, seen) {
  // Whoever asks for a receipt has what waits published first.
  const published = await run(at, ["log", "receipt", "0", "--lang", "en"]);
  report.sane(published, `${what}: log receipt`);
  if (published.code !== 0) return report.violation(`${what}: log receipt: ${published.all.slice(0, 400)}`);
  const kept = seen.files.filter((_, n) => n % Math.ceil(seen.files.length / 20) === 0 || n === seen.files.length - 1);
  const done = await run(at, ["log", "verify", "--lang", "en", ...kept.flatMap((file) => ["--checkpoint", file])]);
  report.sane(done, `${what}: log verify`);
  if (done.code !== 0) report.violation(`${what}: log verify: ${done.all.slice(0, 600)}`);
  const told = new Map();
  for (const entry of entries(join(at.data, "log"))) {
    if (entry.act === "push.receive") for (const name of entry.detail.pushes) told.set(name, (told.get(name) ?? 0) + 1);
  }
  for (const batch of journal.batches) {
    const times = told.get(batch.key) ?? 0;
    if (batch.acked && times !== 1) report.violation(`${what}: ${batch.key} was acknowledged and is told ${times} times`);
    if (times > 1) report.violation(`${what}: ${batch.key} is told ${times} times`);
    told.delete(batch.key);
  }
  if (told.size) report.violation(`${what}: the log tells of pushes that nobody sent, such as ${[...told.keys()][0]}`);
  report.note(`the log goes on from ${kept.length} of ${seen.files.length} checkpoints seen outside`);
}
