// How quick the first minute is: `node bench/demo.mjs [scale]` starts the built binary on an empty directory and measures
// time until everything is collected, peak memory, and the latency of pages while collecting. Prints Markdown.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";

const scale = process.argv[2] ?? "1";
const binary = new URL("../target/debug/sanjiang", import.meta.url).pathname;
const data = mkdtempSync(join(tmpdir(), "sanjiang-bench-"));
const began = performance.now();
const child = spawn(binary, ["demo", "--data", data, "--scale", scale, "--listen", "127.0.0.1:0"], { stdio: ["ignore", "pipe", "inherit"] });
const seconds = () => (performance.now() - began) / 1000;

const address = await new Promise((resolve, reject) => {
  let text = "";
  child.stdout.on("data", (bytes) => {
    text += bytes;
    const found = text.match(/http:\/\/[\d.:]+/);
    if (found) resolve(found[0]);
  });
  child.on("exit", (code) => reject(new Error(`the server ended with ${code}`)));
});
const onPage = seconds();

const pages = ["/", "/systems", "/runs", "/catalog", "/catalog?q=%E7%A9%BA%E6%B0%94", "/api/v1/status"];
const searches = ["kqzl", "空气", "企业", "shebao", "population", "医院", "gjj", "zhaopin", "电话", "hospital"];
const waits = new Map(pages.map((page) => [page, []]));
const timed = async (path) => {
  const start = performance.now();
  const answer = await fetch(address + path);
  await answer.arrayBuffer();
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return performance.now() - start;
};
const status = async () => (await fetch(`${address}/api/v1/status`)).json();
const memory = () => {
  const line = readFileSync(`/proc/${child.pid}/status`, "utf8").match(/VmHWM:\s+(\d+)/);
  return line ? Number(line[1]) / 1024 : NaN;
};

let quiet = 0;
let collected = NaN;
while (quiet < 4 && seconds() < 600) {
  for (const page of pages) waits.get(page).push(await timed(page));
  const now = await status();
  const idle = now.running === 0 && now.last_run !== null;
  if (idle && quiet === 0) collected = seconds();
  quiet = idle ? quiet + 1 : 0;
  await new Promise((resolve) => setTimeout(resolve, 200));
}
const last = await status();

const search = [];
for (let round = 0; round < 40; round++)
  for (const word of searches) search.push(await timed(`/api/v1/resources?q=${encodeURIComponent(word)}`));

const quantile = (values, q) => values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))];
const rows = last.rows;
console.log(`| measure | value |\n| --- | --- |`);
console.log(`| scale | ${scale}: ${rows.standard + rows.quarantined} rows |`);
console.log(`| first page | ${onPage.toFixed(1)} s |`);
console.log(`| all collected | ${collected.toFixed(1)} s |`);
console.log(`| peak memory of the server | ${memory().toFixed(0)} MiB |`);
for (const [page, values] of waits)
  console.log(`| ${decodeURIComponent(page)} while collecting, p50 / p95 | ${quantile(values, 0.5).toFixed(1)} / ${quantile(values, 0.95).toFixed(1)} ms (${values.length}) |`);
console.log(`| search over HTTP, p50 / p99 | ${quantile(search, 0.5).toFixed(1)} / ${quantile(search, 0.99).toFixed(1)} ms (${search.length}) |`);
child.kill("SIGTERM");
await new Promise((resolve) => child.on("exit", resolve));
rmSync(data, { recursive: true, force: true });
