// Starts the built binary on an empty directory and tells its address and set-up links.
import { spawn } from "node:child_process";
import { constants, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const binary = process.env.SANJIANG ?? new URL("../target/debug/sanjiang", import.meta.url).pathname;
const seeds = new URL("../target/tmp/e2e-cities", import.meta.url).pathname;

export async function demo(scale, data = mkdtempSync(join(tmpdir(), "sanjiang-e2e-"))) {
  const child = spawn(binary, ["demo", "--data", data, "--scale", String(scale), "--listen", "127.0.0.1:0"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const links = await new Promise((resolve, reject) => {
    let text = "";
    child.stdout.on("data", (bytes) => {
      text += bytes;
      const found = [...text.matchAll(/\/ (\w+)[ \w]*?  (http:\S+\/setup\?token=\w+)/g)].map(([, role, link]) => [role.toLowerCase(), link]);
      if (found.length === 8) resolve(Object.fromEntries(found));
    });
    child.on("exit", (code) => reject(new Error(`the server ended with ${code}`)));
  });
  const address = new URL(links.data).origin;
  return {
    address,
    data,
    /** By the first word of the role: system, security, audit, data (the steward); officers by their account: minzheng, zhujian; citizen, company. */
    links,
    setup: links.data,
    async collected() {
      for (let quiet = 0, tries = 0, measured = 0; quiet < 6; tries++) {
        if (tries > 1200) throw new Error("not collected in five minutes");
        const status = await (await fetch(`${address}/api/v1/status`)).json();
        const board = await (await fetch(`${address}/api/v1/boards/home`)).json();
        const panels = board.panels ?? board;
        const drawn = Array.isArray(panels) && panels.every((panel) => panel.as_of);
        const quality = await (await fetch(`${address}/api/v1/quality`)).json();
        const still = quality.resources.length > 0 && quality.resources.length === measured;
        measured = quality.resources.length;
        quiet = status.running === 0 && status.last_run && drawn && still ? quiet + 1 : 0;
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
    },
    async stop(keep = false) {
      child.kill("SIGTERM");
      await new Promise((resolve) => child.on("exit", resolve));
      if (!keep) rmSync(data, { recursive: true, force: true });
    },
  };
}

/**
 * A server over a city of this scale that has been collected and opened. That takes most of a minute and is done once for all
 * tests with this binary: each gets a copy of the data, with keys and links of its own start.
 */
export async function settled(scale) {
  const { mtimeMs, size } = statSync(binary);
  const seed = join(seeds, `${scale}-${size}-${Math.round(mtimeMs)}`);
  mkdirSync(seeds, { recursive: true });
  if (!existsSync(join(seed, "settled"))) await settle(scale, seed);
  const data = mkdtempSync(join(tmpdir(), "sanjiang-e2e-"));
  cpSync(join(seed, "data"), data, { recursive: true, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE, preserveTimestamps: true });
  return demo(scale, data);
}

/** Whoever comes first makes it, others wait; what an earlier binary left is thrown away. */
async function settle(scale, seed) {
  try {
    mkdirSync(seed);
  } catch {
    for (let tries = 0; !existsSync(join(seed, "settled")); tries++) {
      if (tries > 1200) throw new Error(`${seed} was begun and not ended: remove it`);
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    return;
  }
  for (const other of readdirSync(seeds)) if (other.startsWith(`${scale}-`) && !seed.endsWith(other)) rmSync(join(seeds, other), { recursive: true, force: true });
  const made = join(seed, "data");
  mkdirSync(made);
  try {
    const server = await demo(scale, made);
    await server.collected();
    for (let tries = 0; (await (await fetch(`${server.address}/api/v1/open/datasets`)).json()).datasets.total < 7; tries++) {
      if (tries > 600) throw new Error("not opened in two minutes");
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    await server.stop(true);
    writeFileSync(join(seed, "settled"), "");
  } catch (error) {
    rmSync(seed, { recursive: true, force: true });
    throw error;
  }
}
