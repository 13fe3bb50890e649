// Files made to burst a reader: memory stays bounded, the refusal is in words, and what was here stays.
import { appendFileSync, closeSync, ftruncateSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { constants, crc32 as zlibCrc, deflateRawSync, gzipSync } from "node:zlib";
import { copyOf, count, declare, folder, lines, must, place, Report, run, short, started, write } from "./ground.mjs";
import { checkLedger } from "./journal.mjs";

const MIB_MAX = count("MEMORY_MIB", 768, 768);
const GIB = 2 ** 30;

export async function bombs() {
  const report = new Report("bombs");
  const at = place(folder("bombs"));
  declare(at.city, "ledger", 3, "files", "ledger.csv");
  write(join(at.city, "sources/files/ledger.csv"), lines(0, 1000));
  await must(at, ["collect", "--all"]);
  // Each in a city of its own: what one declares must not stand in the way of the next.
  const cities = folder("bombs-cities");
  for (const bomb of list()) {
    const spot = copyOf(at, join(cities, bomb.name));
    await explode(report, spot, bomb);
    const still = await run(spot, ["collect", "--resource", "ledger", "--lang", "en"]);
    if (still.code !== 0) report.violation(`${bomb.name}: the city cannot be collected any more: ${still.all.match(/.*(错误|error).*(\n.*)?/i)?.[0] ?? still.all.slice(-300)}`);
    await checkLedger(report, `after ${bomb.name}`, spot, "ledger", 0, 1000);
    rmSync(spot.root, { recursive: true, force: true });
  }
  await growing(report, at);
  return report;
}

/** Collects one bomb as a person would, a file never seen before. */
async function explode(report, at, { name, file, make, seconds = 240 }) {
  const path = join(at.root, file);
  const feed = make(path);
  const done = await run(at, ["collect", path, "--into", name, "--lang", "en"], { seconds, feed });
  rmSync(path, { force: true });
  report.trials++;
  report.sane(done, name);
  if (done.peak > MIB_MAX) report.violation(`${name}: ${done.peak.toFixed(0)} MiB of memory, over ${MIB_MAX}`);
  const said = done.all.trim().split("\n").filter((line) => line.trim()).slice(-2).join(" / ");
  report.note(`${name}: ${done.hung ? "HUNG" : `exit ${done.code ?? done.signal}`}, ${done.peak.toFixed(0)} MiB: ${said.slice(0, 260)}`);
}

const list = () => [
  { name: "zip_bomb", file: "bomb.zip", make: (path) => zip(path, [["rows.csv", zeros(4 * GIB, "1,a\n")]]) },
  { name: "zip_bomb_that_lies", file: "lies.zip", make: (path) => zip(path, [["rows.csv", { ...zeros(4 * GIB, "1,a\n"), size: 1000 }]]) },
  { name: "zip_in_zip", file: "nested.zip", make: (path) => nested(path, 6) },
  { name: "gzip_bomb", file: "bomb.csv.gz", make: gzipBomb },
  { name: "xlsx_bomb", file: "bomb.xlsx", make: xlsxBomb },
  { name: "endless_line", file: "line.csv", make: (path) => endless(path, "id,name\n1,甲\n2,") },
  { name: "endless_quote", file: "quote.csv", make: (path) => endless(path, 'id,name\n1,甲\n2,"') },
  { name: "nothing_but_zeros", file: "zeros.csv", make: (path) => sparse(path, 10 * GIB) },
  { name: "endless_pipe", file: "pipe.csv", make: pipe, seconds: 60 },
  { name: "million_columns", file: "columns.csv", make: (path) => columns(path, 1_000_000) },
  { name: "million_columns_json", file: "columns.ndjson", make: (path) => writeFileSync(path, `{${Array.from({ length: 1_000_000 }, (_, n) => `"c${n}":1`).join(",")}}\n`) },
  { name: "deep_json", file: "deep.json", make: (path) => writeFileSync(path, `[{"a":${"[".repeat(1_000_000)}${"]".repeat(1_000_000)}}]`) },
  { name: "deep_xml", file: "deep.xml", make: (path) => writeFileSync(path, `<rows><row>${"<a>".repeat(1_000_000)}${"</a>".repeat(1_000_000)}</row></rows>`) },
  { name: "entities", file: "laughs.xml", make: (path) => writeFileSync(path, laughs()) },
  { name: "half_a_gzip", file: "half.csv.gz", make: (path) => halfOf(path, gzipSync(lines(0, 100_000))) },
  { name: "half_a_zip", file: "half.zip", make: (path) => (zip(path, [["rows.csv", packed(lines(0, 100_000))]]), halve(path)) },
  { name: "half_a_json", file: "half.json", make: (path) => halfOf(path, Buffer.from(JSON.stringify(Array.from({ length: 10_000 }, (_, id) => ({ id, name: "a" }))))) },
  { name: "half_a_row", file: "half.csv", make: (path) => writeFileSync(path, `${lines(0, 1000)}1000`) },
];

const packed = (text) => ({ bytes: deflateRawSync(text), size: Buffer.byteLength(text), crc: zlibCrc ? zlibCrc(text) : crc(Buffer.from(text)) });

/** So many bytes that pack to next to nothing: one full block, again and again. */
function zeros(size, text = "\0") {
  const block = Buffer.alloc(1 << 24, text);
  const once = deflateRawSync(block, { finishFlush: constants.Z_FULL_FLUSH, level: 9 });
  const end = deflateRawSync(Buffer.alloc(0));
  return { bytes: Buffer.concat([...Array.from({ length: size / block.length }, () => once), end]), size: Math.min(size, 0xfffffffe), crc: 0 };
}

/** A zip of packed entries. */
function zip(path, entries) {
  const parts = [];
  const central = [];
  let at = 0;
  for (const [name, { bytes, size, crc }] of entries) {
    const fields = Buffer.alloc(26);
    [20, 0x800, 8, 0, 0x5821].forEach((value, n) => fields.writeUInt16LE(value, n * 2));
    [crc, bytes.length, size].forEach((value, n) => fields.writeUInt32LE(value >>> 0, 10 + n * 4));
    fields.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04"), fields, Buffer.from(name), bytes]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(at, 10);
    central.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\x00", "latin1"), fields, tail, Buffer.from(name)]));
    parts.push(local);
    at += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  const whole = Buffer.concat([...parts, directory, end]);
  if (path) writeFileSync(path, whole);
  return whole;
}

/** A bomb in a zip in a zip. */
function nested(path, depth) {
  let inner = zip(null, [["rows.csv", zeros(GIB, "1,a\n")]]);
  for (let n = 0; n < depth; n++) inner = zip(n === depth - 1 ? path : null, [["inner.zip", { bytes: deflateRawSync(inner), size: inner.length, crc: crc(inner) }]]);
}

function gzipBomb(path) {
  const { bytes } = zeros(4 * GIB, "1,a\n");
  writeFileSync(path, Buffer.concat([Buffer.from([31, 139, 8, 0, 0, 0, 0, 0, 0, 3]), bytes, Buffer.alloc(8)]));
}

function xlsxBomb(path) {
  const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';
  const types = `${head}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`;
  const relation = (target, kind) => `${head}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/${kind}" Target="${target}"/></Relationships>`;
  const book = `${head}<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>`;
  const sheet = `${head}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`;
  const start = deflateRawSync(sheet, { finishFlush: constants.Z_FULL_FLUSH });
  const rows = zeros(3 * GIB, "<row><c><v>1</v></c></row>".padEnd(32));
  zip(path, [
    ["[Content_Types].xml", packed(types)], ["_rels/.rels", packed(relation("xl/workbook.xml", "officeDocument"))], ["xl/workbook.xml", packed(book)],
    ["xl/_rels/workbook.xml.rels", packed(relation("worksheets/sheet1.xml", "worksheet"))], ["xl/worksheets/sheet1.xml", { ...rows, bytes: Buffer.concat([start, rows.bytes]) }],
  ]);
}

/** A file of so many bytes that takes no room. */
function sparse(path, size, head = "id,name\n1,") {
  const file = openSync(path, "w");
  writeSync(file, head);
  ftruncateSync(file, size);
  closeSync(file);
}

/** One line that takes up a file. */
function endless(path, head) {
  const file = openSync(path, "w");
  writeSync(file, head);
  const piece = Buffer.alloc(1 << 20, "a");
  for (let n = 0; n < (short ? 256 : 2048); n++) writeSync(file, piece);
  closeSync(file);
}

/** A pipe that gives a line without an end for as long as somebody reads. */
function pipe(path) {
  if (spawnSync("mkfifo", [path]).status !== 0) return undefined;
  return (child) => {
    // In a process of its own: here a writer that nobody reads would keep the drill from ever ending.
    const pour = `const out = fs.openSync(process.argv[1], "w"), piece = Buffer.alloc(1 << 20, "a");
      for (let n = 0; n < ${short ? 2048 : 10_240}; n++) fs.writeSync(out, piece);`;
    const writer = started(spawn(process.execPath, ["-e", pour, path], { stdio: "ignore" }));
    child.on("exit", () => writer.kill("SIGKILL"));
  };
}

function columns(path, number) {
  const names = Array.from({ length: number }, (_, n) => `c${n}`).join(",");
  const values = Array.from({ length: number }, () => "1").join(",");
  writeFileSync(path, `${names}\n${values}\n${values}\n`);
}

function laughs() {
  let text = '<?xml version="1.0"?><!DOCTYPE rows [<!ENTITY a0 "haha">';
  for (let n = 1; n < 12; n++) text += `<!ENTITY a${n} "${`&a${n - 1};`.repeat(10)}">`;
  return `${text}]><rows><row><id>1</id><name>&a11;</name></row><row><id>2</id><name>b</name></row></rows>`;
}

const halfOf = (path, bytes) => writeFileSync(path, bytes.subarray(0, bytes.length >> 1));
function halve(path) {
  const whole = spawnSync("stat", ["-c", "%s", path], { encoding: "utf8" }).stdout.trim();
  spawnSync("truncate", ["-s", String(Math.floor(Number(whole) / 2)), path]);
}

/** A file that grows while it is read: refused or landed, and once it has come to rest every row stands there once. */
async function growing(report, at) {
  const rows = 300_000;
  const extra = 20_000;
  declare(at.city, "grower", 4, "files", "grower.csv");
  const path = join(at.city, "sources/files/grower.csv");
  write(path, lines(0, rows));
  let next = rows;
  const timer = setInterval(() => {
    if (next >= rows + extra) return;
    appendFileSync(path, lines(next, 200).slice("id,name\n".length));
    next += 200;
  }, 5);
  const done = await run(at, ["collect", "--resource", "grower", "--lang", "en"]);
  report.trials++;
  report.sane(done, "growing");
  while (next < rows + extra) await new Promise((resolve) => setTimeout(resolve, 20));
  clearInterval(timer);
  report.note(`growing: exit ${done.code}, ${done.peak.toFixed(0)} MiB: ${done.all.trim().split("\n").pop().slice(0, 260)}`);
  const again = await run(at, ["collect", "--resource", "grower", "--lang", "en"]);
  report.sane(again, "growing, at rest");
  if (again.code !== 0) report.violation(`growing: cannot be collected at rest: ${again.all.slice(-400)}`);
  await checkLedger(report, "growing, at rest", at, "grower", 0, rows + extra);
}

/** CRC-32, for a Node without it. */
function crc(bytes) {
  let sum = ~0;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}
