// Drills: what the product promises when things go wrong, tried on the built binary. `node drill/main.mjs [drill …]`.
// SHORT=1 is the form of the gate. SEED repeats a run; KILLS, CUTS, CALLS, DAMAGES, MEMORY_MIB set how much; SANJIANG names the binary.
import { existsSync } from "node:fs";
import { bombs } from "./bombs.mjs";
import { calls } from "./calls.mjs";
import { crowd } from "./crowd.mjs";
import { cut } from "./cut.mjs";
import { damage } from "./damage.mjs";
import { binary, canProve, Report, seed, short } from "./ground.mjs";
import { kill } from "./kill.mjs";
import { lend } from "./lend.mjs";
import { nodes } from "./nodes.mjs";

const drills = { kill, lend, nodes, cut, calls, damage, bombs, crowd };
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !drills[name]);
if (unknown.length || !existsSync(binary)) {
  console.error(unknown.length ? `no such drill: ${unknown.join(", ")}; there are ${Object.keys(drills).join(", ")}` : `${binary} is not built`);
  process.exit(2);
}
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(130));

console.log(`seed ${seed}, ${short ? "short" : "long"} form`);
if (!canProve()) console.log("SKIP lake verify: this binary has none; answers are compared all the same");
const reports = [];
// By name only: it measures what others wait, which a busy machine decides.
const apart = ["crowd"];
for (const name of asked.length ? asked : Object.keys(drills).filter((name) => !apart.includes(name))) {
  console.log(`\n${name}`);
  let report;
  try {
    report = await drills[name]();
  } catch (error) {
    report = new Report(name);
    report.violation(`the drill itself broke: ${error.stack}`);
  }
  report.seconds = (Date.now() - report.began) / 1000;
  reports.push(report);
}

console.log(`\n| drill | trials | violations | seconds |\n| --- | --- | --- | --- |`);
for (const { name, trials, violations, skipped, seconds } of reports)
  console.log(`| ${name} | ${skipped ? `SKIP: ${skipped}` : trials} | ${violations.length} | ${seconds.toFixed(0)} |`);
const violations = reports.flatMap((report) => report.violations);
console.log(`seed ${seed}: ${violations.length ? `${violations.length} violations` : "nothing lost, nothing doubled, nothing silently wrong"}`);
process.exit(violations.length ? 1 : 0);
