// Starts the built binary on an empty directory and tells its address and set-up links.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const binary = process.env.SANJIANG ?? new URL("../target/debug/sanjiang", import.meta.url).pathname;

export async function demo(scale) {
  const data = mkdtempSync(join(tmpdir(), "sanjiang-e2e-"));
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
    async stop() {
      child.kill("SIGTERM");
      await new Promise((resolve) => child.on("exit", resolve));
      rmSync(data, { recursive: true, force: true });
    },
  };
}
