// Ten thousand clients that say nothing and two thousand that are slow, a byte a second or nothing taken at all, while others ask:
// these are served as promptly as before, the slow ones are cut, and memory and descriptors come back.
import { readdirSync, readFileSync } from "node:fs";
import { Agent, get } from "node:http";
import { createConnection } from "node:net";
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";
import { collected, count, declare, folder, lines, must, peak, place, Report, serve, short, sleep, write } from "./ground.mjs";
import { join } from "node:path";

/** Slow clients must be gone after so many seconds. */
const SHED = 15;
/** What live ones may wait at most, of what they waited before. */
const RATIO = 2;
const MIB_MORE = 1024;
const LIVE = 8;
const PAGES = ["/", "/catalog/ledger", "/api/v1/status", "/api/v1/resources"];

export async function crowd() {
  const report = new Report("crowd");
  const allowed = Number(readFileSync("/proc/self/limits", "utf8").match(/open files\s+(\d+)/)?.[1] ?? 1024);
  const fits = Math.min(1, (allowed * 0.7) / 12_000);
  const idle = Math.floor(count("IDLE", 10_000, 10_000) * fits);
  const slow = Math.floor(count("SLOW", 2_000, 2_000) * fits);
  if (fits < 1) report.note(`only ${allowed} descriptors a process here: ${idle} idle and ${slow} slow clients instead of 10,000 and 2,000`);
  const seconds = count("CROWD_SECONDS", 5, 30);
  const at = place(folder("crowd"));
  declare(at.city, "ledger", 3, "files", "ledger.csv");
  write(join(at.city, "sources/files/ledger.csv"), lines(0, 2_000));
  await must(at, ["collect", "--all"]);
  const server = await serve(at, { collect: false });
  await live(server.address, 3);
  const before = { p99: await live(server.address, seconds), peak: peak(server.child.pid), descriptors: descriptors(server.child.pid) };

  const clients = new Worker(new URL(import.meta.url), { workerData: { address: server.address, idle, slow } });
  const [connected, failed] = await said(clients, "there");
  if (failed) report.violation(`${failed} of ${idle + slow} clients were not let in`);
  const during = { p99: await live(server.address, seconds), descriptors: descriptors(server.child.pid) };
  const ratio = during.p99 / before.p99;
  report.note(`${connected} clients are there, ${during.descriptors} descriptors; live p99 ${before.p99.toFixed(1)} ms before, ${during.p99.toFixed(1)} ms with them: ${ratio.toFixed(2)}×`);
  // Two shared cores tremble by some milliseconds; a person does not see fifty.
  if (ratio > RATIO && during.p99 > 50) report.violation(`live clients wait ${ratio.toFixed(2)} times as long`);

  clients.postMessage("no more");
  // Idle clients that were cut had come again until now: the time runs from here for the last of them.
  await sleep(SHED * 1000);
  const left = descriptors(server.child.pid) - before.descriptors;
  if (left > LIVE * 2 + 16) report.violation(`after ${SHED} s ${left} connections of idle and slow clients are still held`);
  const more = peak(server.child.pid) - before.peak;
  if (more > MIB_MORE) report.violation(`${more.toFixed(0)} MiB more were held for ${connected} clients`);
  const after = await live(server.address, Math.min(seconds, 5));
  report.note(`cut within ${SHED} s but for ${Math.max(0, left)}; ${more.toFixed(0)} MiB more at most; live p99 ${after.toFixed(1)} ms afterwards`);
  await clients.terminate();
  report.trials = connected;
  report.sane({ err: server.err, all: server.err }, "the server");
  if (server.ended) report.violation("the server ended");
  await server.kill();
  return report;
}

const descriptors = (pid) => readdirSync(`/proc/${pid}/fd`).length;
const said = (worker, word) => new Promise((resolve, reject) => {
  worker.on("error", reject);
  worker.on("message", ([what, ...rest]) => what === word && resolve(rest));
});

/** Asks pages for so many seconds, on kept connections and, every tenth time, on a new one; gives the 99th hundredth in ms. */
async function live(address, seconds) {
  const agent = new Agent({ keepAlive: true, maxSockets: LIVE });
  const end = Date.now() + seconds * 1000;
  const took = [];
  const one = async (n) => {
    for (let turn = n; Date.now() < end; turn++) {
      const began = performance.now();
      const status = await ask(address + PAGES[turn % PAGES.length], turn % 10 ? agent : undefined);
      // One that failed has waited for ever.
      took.push(status === 200 ? performance.now() - began : 60_000);
      await sleep(20);
    }
  };
  await Promise.all(Array.from({ length: LIVE }, (_, n) => one(n)));
  agent.destroy();
  took.sort((a, b) => a - b);
  return took[Math.floor(took.length * 0.99)];
}

const ask = (url, agent) => new Promise((resolve) => {
  const request = get(url, { agent: agent ?? false, timeout: 30_000 }, (answer) => {
    answer.resume();
    answer.on("end", () => resolve(answer.statusCode));
  });
  request.on("timeout", () => request.destroy());
  request.on("error", () => resolve(0));
});

/** In a thread of its own: the crowd. */
if (!isMainThread && workerData?.idle) {
  const { hostname, port } = new URL(workerData.address);
  const head = `Host: ${hostname}\r\n`;
  const trickle = (start, drop) => (socket) => {
    socket.write(start);
    const drops = setInterval(() => socket.write(drop), 1000);
    socket.on("close", () => clearInterval(drops));
  };
  const kinds = [
    trickle(`GET / HTTP/1.1\r\n${head}X-Slow: `, "x"),
    trickle(`POST /api/v1/session HTTP/1.1\r\n${head}Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n{`, " "),
    // Asks for much, and takes nothing of it.
    (socket) => (socket.pause(), socket.write(`GET /api/v1/openapi.json HTTP/1.1\r\n${head}\r\n`.repeat(60))),
  ];
  let more = true;
  const tally = { there: 0, failed: 0 };
  const connect = (act, again) => new Promise((resolve) => {
    const socket = createConnection({ host: hostname, port, noDelay: true });
    let met = false;
    socket.on("connect", () => ((met = true), tally.there++, act(socket), resolve()));
    socket.on("error", () => (met ? 0 : (tally.failed++, resolve())));
    socket.on("data", () => {});
    socket.on("close", () => more && again && setTimeout(() => connect(act, again), 100));
    if (act === kinds[2]) socket.pause();
  });
  // As fast as a server takes them, not faster than its queue.
  for (let n = 0; n < workerData.slow + workerData.idle; n += 200)
    await Promise.all(Array.from({ length: 200 }, (_, i) => (n + i < workerData.idle ? connect(() => {}, true) : connect(kinds[i % 3], false))));
  parentPort.on("message", () => (more = false));
  parentPort.postMessage(["there", tally.there, tally.failed]);
}
