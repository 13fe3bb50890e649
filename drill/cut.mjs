// Power cuts. The data directory is an ext4 in a file; the file lies on an XFS, which can copy it in one atomic step
// while it is written. The copy is the disk as a cut at that moment leaves it: what the kernel still held in memory is gone.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { addKey, chance, count, folder, place, Report, serve, sleep } from "./ground.mjs";
import { Journal, proven } from "./journal.mjs";
import { push } from "./kill.mjs";
import { logged, Seen } from "./log.mjs";

const mounted = [];
const sh = (...words) => {
  const done = spawnSync(words[0], words.slice(1), { encoding: "utf8", timeout: 120_000 });
  return done.status === 0 ? null : `${words.join(" ")}: ${(done.stderr ?? "").trim() || done.error || done.status}`;
};
const mount = (image, point) => {
  mkdirSync(point, { recursive: true });
  const wrong = sh("mount", "-o", "loop", image, point);
  if (!wrong) mounted.push(point);
  return wrong;
};
const unmount = (point) => {
  if (sh("umount", point)) sh("umount", "-l", point);
  mounted.splice(mounted.indexOf(point), 1);
};
// Before the folders are taken away.
process.prependListener("exit", () => mounted.toReversed().forEach(unmount));

/** Why it cannot be done here, or null when the disk stands. */
function prepare(root) {
  if (process.getuid() !== 0) return "needs root";
  const outer = join(root, "outer.img");
  const disk = join(root, "outer/disk.img");
  return (
    sh("truncate", "-s", "2G", outer) ?? sh("mkfs.xfs", "-q", "-m", "reflink=1", outer) ?? mount(outer, join(root, "outer")) ??
    sh("truncate", "-s", "512M", disk) ?? sh("mkfs.ext4", "-q", "-F", disk) ?? mount(disk, join(root, "disk"))
  );
}

export async function cut() {
  const report = new Report("cut");
  const cuts = count("CUTS", 10, 100);
  const dice = chance("cut");
  const root = folder("cut");
  const cannot = prepare(root);
  if (cannot) {
    mounted.toReversed().forEach(unmount);
    report.skip(`no power cuts here: ${cannot}`);
    return report;
  }
  const [disk, point] = [join(root, "outer/disk.img"), join(root, "disk")];
  const at = { ...place(root), data: join(point, "data") };
  const journal = new Journal(at, await addKey(at));
  const seen = new Seen(at);
  sh("sync");
  for (let n = 0; n < cuts; n++) {
    const what = `cut ${n}`;
    const server = await serve(at);
    if (!server.address) {
      report.violation(`${what}: the server did not come up: ${server.err.slice(-500)}`);
      await server.kill();
      break;
    }
    const stop = { now: false };
    const pushers = [push(server, journal, dice, stop), push(server, journal, dice, stop)];
    await sleep(200 + dice.below(2_500));
    const before = new Set(journal.acked);
    seen.look();
    const wrong = sh("cp", "--reflink=always", disk, join(root, "outer/after.img"));
    stop.now = true;
    await server.kill();
    await Promise.all(pushers);
    unmount(point);
    // The rest of the client's world ends at the cut as well: later answers never reached it.
    journal.acked.filter((batch) => !before.has(batch)).forEach((batch) => (batch.acked = false));
    if (wrong || !existsSync(join(root, "outer/after.img"))) {
      report.skip(`no atomic copy of a disk here: ${wrong}`);
      break;
    }
    renameSync(join(root, "outer/after.img"), disk);
    const broken = mount(disk, point);
    if (broken) {
      report.violation(`${what}: the disk cannot be mounted: ${broken}`);
      break;
    }
    report.trials++;
    await journal.check(report, what);
    await proven(report, what, at);
  }
  if (mounted.includes(point) && !report.skipped) {
    const server = await serve(at, { collect: false });
    if (server.address) await journal.settle(server, report, "after the cuts");
    await server.kill();
    await journal.check(report, "after the cuts");
    await logged(report, "after the cuts", at, journal, seen);
    report.note(`${journal.batches.length} pushes`);
  }
  mounted.toReversed().forEach(unmount);
  return report;
}
