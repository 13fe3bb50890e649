// What browser tests share: Chromium, a city that has been collected with somebody who is logged in, and what every page
// must keep at both sizes. SCREENS=dir keeps pictures.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { settled } from "./server.mjs";

export const chromium = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
export const skip = chromium ? false : "SKIP: no Chromium; run scripts/install-test-tools";
export const sizes = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };
const axe = skip ? "" : readFileSync(new URL("node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
export const screens = process.env.SCREENS;

if (screens) mkdirSync(screens, { recursive: true });

/** A server over a sample city of this scale, and a page whose visitor has just made the first account. */
export async function enter(scale, options = {}) {
  const { chromium: driver } = await import("playwright-core");
  const server = await settled(scale);
  await server.collected();
  const browser = await driver.launch({ executablePath: chromium, args: ["--no-sandbox", "--disable-gpu"] });
  const context = await browser.newContext(options);
  const page = await context.newPage();
  await page.goto(server.setup);
  await page.locator('input[name="name"]').fill("steward");
  for (const field of await page.locator('input[type="password"]').all()) await field.fill("correct-horse-7");
  await page.locator("main form button").first().click();
  await page.waitForURL((url) => !url.pathname.startsWith("/setup"));
  return { server, browser, context, page };
}

/** The page as it stands: nothing sticks out, nothing bars the way. */
export async function sound(page, name) {
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(overflow <= 1, `${name} is ${overflow}px wider than the screen`);
  await page.evaluate(axe);
  const faults = await page.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document, { resultTypes: ["violations"] });
    const heavy = violations.filter((v) => v.impact === "serious" || v.impact === "critical");
    return heavy.map((v) => `${v.id}: ${v.nodes[0].target} ${v.nodes[0].failureSummary}`);
  });
  assert.deepEqual(faults, [], name);
}

/** The same at both sizes, with a picture of each; the page is left at desktop size. */
export async function inspect(page, name) {
  for (const [size, viewport] of Object.entries(sizes)) {
    await page.setViewportSize(viewport);
    await sound(page, `${name} (${size})`);
    if (screens) await page.screenshot({ path: `${screens}/${name}-${size}.png`, fullPage: true });
  }
  await page.setViewportSize(sizes.desktop);
}

/** Waits for what comes by itself. */
export async function until(is) {
  for (let tries = 0; !(await is()); tries++) {
    if (tries > 600) throw new Error("it did not come in two minutes");
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Somebody in a browser of their own, who makes the account that a link is for; a link that names nobody asks for a name. */
export async function byLink(browser, link, password, { name, viewport = sizes.desktop } = {}) {
  const page = await (await browser.newContext({ viewport, acceptDownloads: true })).newPage();
  await page.goto(link);
  if (name) await page.locator('input[name="name"]').fill(name);
  for (const field of await page.locator('input[type="password"]').all()) await field.fill(password);
  await page.locator("main form button").first().click();
  await page.waitForURL((url) => !url.pathname.startsWith("/setup"));
  return page;
}

/** RFC 6238, as a telephone does it. */
export function code(secret, time = Date.now()) {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(time / 30_000)));
  const digest = createHmac("sha1", key).update(step).digest();
  const number = digest.readUInt32BE(digest[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}
