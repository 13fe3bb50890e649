// The portal's pages before judges that are not ours: Lighthouse (four categories, weight, paint) and axe, on a phone and on a desktop,
// in Chinese and in English; then how soon the first byte comes. `scripts/lighthouse` installs what this needs and starts it.
// SITE=http://…: a running site instead of a demo. ONLY=text: addresses that contain it. Prints Markdown; ends with 1 below the goals for
// scores, weight and axe. Times are told, never judged: they say as much about the machine as about the page.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { loadavg } from "node:os";
import { performance } from "node:perf_hooks";
import { pathToFileURL } from "node:url";
import { demo } from "../e2e/server.mjs";

const tools = createRequire(new URL("../target/test-tools/lighthouse/node_modules/", import.meta.url));
const load = async (name) => import(pathToFileURL(tools.resolve(name)));
const lighthouse = await load("lighthouse");
const { launch } = await load("chrome-launcher");
const { default: puppeteer } = await load("puppeteer-core");
const axe = readFileSync(tools.resolve("axe-core/axe.min.js"), "utf8");

const GOAL = { score: 95, bytes: 300_000, violations: 0 };
const CATEGORIES = ["performance", "accessibility", "best-practices", "seo"];
const FORMS = { phone: { width: 390, height: 844 }, desktop: { width: 1440, height: 900 } };
const LANGS = { "zh-CN": "", en: "lang=en" };
const ROUNDS = 200;

const own = process.env.SITE ? null : await demo(process.env.SCALE ?? 0.1);
const site = (process.env.SITE ?? own.address).replace(/\/$/, "");
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const read = async (path) => (await fetch(site + path)).json();

/** What is open, once the demo has opened it. */
async function opened() {
  await own?.collected();
  for (let tries = 0; tries < 120; tries++) {
    const { datasets } = await read("/api/v1/open/datasets?limit=50");
    if (datasets.total >= (own ? 6 : 1)) return datasets.entries;
    await wait(1000);
  }
  throw new Error("nothing is open here");
}

/** The addresses: a dataset that has a map, and one that has none. */
async function addresses() {
  const entries = await opened();
  const html = await Promise.all(entries.map(async ({ id }) => [id, await (await fetch(`${site}/open/datasets/${id}`)).text()]));
  const mapped = html.find(([, page]) => /class="[^"]*\bmap\b/.test(page) && page.includes(".geojson"));
  const plain = html.find(([, page]) => !page.includes(".geojson"));
  const datasets = [mapped, plain].filter(Boolean).map(([id]) => `/open/datasets/${id}`);
  const pages = ["/open", "/open?q=%E5%81%9C%E8%BD%A6", ...datasets, "/open/requests", "/open/statistics", "/open/score", "/open/guide", "/open/others", "/ogc?f=html"];
  return pages.filter((page) => page.includes(process.env.ONLY ?? ""));
}

async function judged(browser, port, url, form) {
  const options = { port, output: "json", logLevel: "error", onlyCategories: CATEGORIES };
  const audit = async () => (await lighthouse.default(url, options, form === "desktop" ? lighthouse.desktopConfig : undefined)).lhr;
  const speed = (lhr) => (lhr.runtimeError ? -1 : lhr.categories.performance.score * 100);
  let lhr = await audit();
  // What else runs on a machine makes a recording fail or a page look slower, never quicker: the best of three says what the page is.
  for (let again = 0; again < 2 && speed(lhr) < GOAL.score; again++) lhr = [lhr, await audit()].sort((a, b) => speed(b) - speed(a))[0];
  if (lhr.runtimeError) throw new Error(`${url}: ${lhr.runtimeError.message}`);
  const seen = lhr.audits.metrics?.details?.items?.[0] ?? {};
  return {
    scores: CATEGORIES.map((name) => Math.round((lhr.categories[name].score ?? 0) * 100)),
    bytes: lhr.audits["total-byte-weight"].numericValue,
    paint: seen.observedLargestContentfulPaint,
    slow: lhr.audits["largest-contentful-paint"].numericValue,
    lost: lost(lhr),
    violations: await violations(browser, url, form),
  };
}

/** What cost points, so that it can be mended. */
function lost(lhr) {
  const refs = CATEGORIES.slice(1).flatMap((name) => lhr.categories[name].auditRefs);
  const failed = refs.filter(({ id, weight }) => weight > 0 && lhr.audits[id].score !== null && lhr.audits[id].score < 1);
  return failed.map(({ id }) => `${id} (${(lhr.audits[id].details?.items ?? []).slice(0, 2).map((item) => item.node?.selector ?? item.description ?? "").join("; ")})`);
}

async function violations(browser, url, form) {
  const page = await browser.newPage();
  await page.setViewport(FORMS[form]);
  await page.goto(url);
  await page.evaluate(axe);
  const found = await page.evaluate(async () => (await globalThis.axe.run(document)).violations.map((v) => `${v.id}: ${v.nodes[0].target}`));
  await page.close();
  return found;
}

async function firstBytes(path) {
  const times = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    const answer = await fetch(site + path, { headers: { "accept-encoding": "gzip" } });
    times.push(performance.now() - start); // The head has come; the body follows.
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    await answer.arrayBuffer();
  }
  times.sort((a, b) => a - b);
  return [0.5, 0.95].map((part) => times[Math.floor(ROUNDS * part)]);
}

const ms = (value) => (value === undefined ? "–" : value < 10 ? value.toFixed(1) : Math.round(value).toString());
const row = (cells) => console.log(`| ${cells.join(" | ")} |`);
const below = [];
const executable = process.env.CHROME_PATH;

try {
  const pages = await addresses();
  console.log(`Load of the machine when begun: ${loadavg()[0].toFixed(1)}\n`);
  row(["page", "language", "on", "performance", "accessibility", "best practices", "SEO", "axe", "kB", "LCP here, ms", "LCP slow network, ms"]);
  row(["---", "---", "---", ...Array(8).fill("--:")]);
  for (const [lang, asked] of Object.entries(LANGS)) {
    // A browser for each language: what one has chosen is remembered in a cookie.
    const chrome = await launch({ chromePath: executable, chromeFlags: ["--headless=new", "--no-sandbox", "--disable-gpu"], logLevel: "error" });
    const browser = await puppeteer.connect({ browserURL: `http://127.0.0.1:${chrome.port}`, defaultViewport: null });
    try {
      for (const path of pages)
        for (const form of Object.keys(FORMS)) {
          const url = site + path + (asked ? (path.includes("?") ? "&" : "?") + asked : "");
          const { scores, bytes, paint, slow, lost, violations } = await judged(browser, chrome.port, url, form);
          row([decodeURIComponent(path), lang, form, ...scores, violations.length, Math.round(bytes / 1000), ms(paint), ms(slow)]);
          const what = `${decodeURIComponent(path)} ${lang} ${form}`;
          CATEGORIES.forEach((name, at) => scores[at] < GOAL.score && below.push(`${what}: ${name} ${scores[at]}`));
          if (bytes > GOAL.bytes) below.push(`${what}: ${Math.round(bytes / 1000)} kB`);
          if (violations.length > GOAL.violations) below.push(`${what}: axe ${violations.join(", ")}`);
          if (lost.length) console.error(`${what}: lost by ${lost.join(", ")}`);
        }
    } finally {
      await browser.disconnect();
      await chrome.kill();
    }
  }
  console.log(`\nTime to first byte, ${ROUNDS} times each, one after the other:\n`);
  row(["page", "p50, ms", "p95, ms"]);
  row(["---", "--:", "--:"]);
  for (const path of pages) row([decodeURIComponent(path), ...(await firstBytes(path)).map(ms)]);
} finally {
  await own?.stop();
}
if (below.length) {
  console.error(`\nBelow the goals (scores of ${GOAL.score}, ${GOAL.bytes / 1000} kB, axe ${GOAL.violations}):\n${below.map((one) => `- ${one}`).join("\n")}`);
  process.exitCode = 1;
}
