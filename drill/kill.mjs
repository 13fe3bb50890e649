// kill -9 at random moments while rows are pushed and files collected: what was acknowledged stands there once.
import { join } from "node:path";
import { addKey, chance, collected, count, declare, folder, lines, place, Report, serve, sleep, write } from "./ground.mjs";
import { checkLedger, Journal, proven } from "./journal.mjs";
import { logged, Seen } from "./log.mjs";

const ROWS = 20_000;

export async function kill() {
  const report = new Report("kill");
  const kills = count("KILLS", 30, 300);
  const dice = chance("kill");
  const at = place(folder("kill"));
  const journal = new Journal(at, await addKey(at));
  const ledgers = [];
  const seen = new Seen(at);
  for (let n = 0; n < kills; n++) {
    // A new delivery every third time, so that collection is under way at most kills.
    if (n % 3 === 0) deliver(at, ledgers);
    const server = await serve(at);
    if (!server.address) {
      report.violation(`kill ${n}: the server did not come up: ${server.err.slice(-500)}`);
      await server.kill();
      break;
    }
    const stop = { now: false };
    const pushers = [push(server, journal, dice, stop), push(server, journal, dice, stop)];
    await sleep(dice.below(1_500));
    stop.now = true;
    await server.kill();
    await Promise.all(pushers);
    report.sane({ err: server.err, all: server.err }, `kill ${n}`);
    seen.look();
    report.trials++;
    // Reading takes as long as a kill: not after each of hundreds, but after the first and then every tenth.
    if (n < 3 || n % 10 === 0 || n === kills - 1) await journal.check(report, `kill ${n}`);
  }
  const server = await serve(at);
  await journal.settle(server, report, "after the kills");
  if (!(await collected(server))) report.violation("after the kills: collection does not come to rest");
  await server.kill();
  await journal.check(report, "after the kills");
  for (const ledger of ledgers) await checkLedger(report, "after the kills", at, ledger.id, ledger.first, ROWS);
  await proven(report, "after the kills", at);
  await logged(report, "after the kills", at, journal, seen);
  const rows = journal.batches.reduce((sum, batch) => sum + batch.rows, 0);
  report.note(`${journal.batches.length} pushes of ${rows} rows, ${ledgers.length} deliveries of ${ROWS} rows`);
  return report;
}

function deliver(at, ledgers) {
  const n = ledgers.length;
  const ledger = { id: `ledger_${n}`, first: n * ROWS };
  declare(at.city, ledger.id, 100 + n, "files", `${ledger.id}.csv`);
  write(join(at.city, `sources/files/${ledger.id}.csv`), lines(ledger.first, ROWS));
  ledgers.push(ledger);
}

/** Sends what is open, then new batches, until told to stop; one of two, so each takes the batches it drew. */
export async function push(server, journal, dice, stop) {
  while (!stop.now) {
    const again = journal.open.find((batch) => !batch.busy);
    const batch = again ?? journal.write(dice.of(["pass", "event"]), 1 + dice.below(50));
    batch.busy = true;
    const done = await journal.send(server, batch);
    batch.busy = false;
    if (!done) await sleep(30);
  }
}
