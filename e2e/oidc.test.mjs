// Two running Sanjiangs in Chromium: staff of one log in by the other, and go back. Each page at both sizes.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { appendFileSync, cpSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { chromium, code, inspect, sizes, skip } from "./browser.mjs";
import { demo } from "./server.mjs";

const PASSWORD = "correct-horse-7";
const binary = new URL("../target/debug/sanjiang", import.meta.url).pathname;
let provider, site, browser;

function sanjiang(words, data, input = "") {
  return execFileSync(binary, [...words, "--data", data], { input, encoding: "utf8" });
}

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

/** A second city, whose identity provider is the first. */
async function second() {
  const data = mkdtempSync(join(tmpdir(), "sanjiang-e2e-oidc-"));
  // Cookies know no ports: the two are at hosts of their own.
  const port = await freePort();
  const address = `http://localhost:${port}`;
  const made = sanjiang(["client", "add", "第二平台", "--redirect", `${address}/login/identity/back`, "--logout", `${address}/`, "--scope", "profile"], provider.data);
  const known = Object.fromEntries(made.trim().split("\n").map((line) => line.split("=")));
  cpSync(join(provider.data, "city"), join(data, "city"), { recursive: true, filter: (path) => !path.endsWith("/sources") });
  appendFileSync(
    join(data, "city/city.toml"),
    `\n[identity]\nissuer = "${provider.address}"\nclient_id = "${known.client_id}"\nclient_secret = "\${IDENTITY_SECRET}"\ntitle = "市统一身份认证"\ntitle_en = "City identity"\n`,
  );
  const environment = { ...process.env, IDENTITY_SECRET: known.client_secret, SAMPLE_API: "http://127.0.0.1:1" };
  const child = spawn(binary, ["serve", "--no-collect", "--data", data, "--listen", `127.0.0.1:${port}`, "--public-url", address], { env: environment, stdio: ["ignore", "pipe", "inherit"] });
  await new Promise((resolve, reject) => {
    child.stdout.on("data", (bytes) => String(bytes).includes("Sanjiang is at") && resolve());
    child.on("exit", (code) => reject(new Error(`the second server ended with ${code}`)));
  });
  return {
    address,
    data,
    async stop() {
      child.kill("SIGTERM");
      await new Promise((resolve) => child.on("exit", resolve));
      rmSync(data, { recursive: true, force: true });
    },
  };
}

before(async () => {
  if (skip) return;
  const { chromium: driver } = await import("playwright-core");
  provider = await demo(0.001);
  site = await second();
  sanjiang(["account", "add", "li.ming", "--role", "analyst"], provider.data, PASSWORD);
  sanjiang(["account", "add", "li", "--role", "analyst"], site.data, PASSWORD);
  browser = await driver.launch({ executablePath: chromium, args: ["--no-sandbox", "--disable-gpu"] });
});

after(async () => {
  await browser?.close();
  await site?.stop();
  await provider?.stop();
});

async function fill(page, name) {
  await page.locator("#name").fill(name);
  await page.locator("#password").fill(PASSWORD);
  await page.locator("main form button.main").click();
}

test("staff link their account and log in by another Sanjiang", { skip }, async () => {
  const context = await browser.newContext({ viewport: sizes.desktop });
  const page = await context.newPage();

  // Not linked yet: with the password, and on to the own page.
  await page.goto(`${site.address}/login?next=/account`);
  await inspect(page, "oidc-login");
  assert.match(await page.locator("main").innerText(), /用市统一身份认证登录/);
  await fill(page, "li");
  await page.waitForURL(`${site.address}/account`);
  await inspect(page, "oidc-account");
  await page.locator('form[action="/account/identity"] button').click();

  // At the provider: log in there, read who asks and what they get, agree.
  await page.waitForURL((url) => url.origin === provider.address && url.pathname === "/login");
  await fill(page, "li.ming");
  await page.waitForURL((url) => url.pathname === "/oidc/authorize");
  const asked = await page.locator("main").innerText();
  assert.match(asked, /“第二平台”请您用本平台的账户登录/);
  assert.match(asked, /您的用户名和姓名/);
  await inspect(page, "oidc-agree");
  await page.locator("main button.main").click();

  // And back, linked.
  await page.waitForURL((url) => url.origin === site.address && url.pathname === "/account");
  assert.match(await page.locator("main").innerText(), /已关联：li\.ming/);
  await inspect(page, "oidc-linked");

  // On a telephone, in by the button: the provider has been told already that it may.
  const fresh = await browser.newContext({ viewport: sizes.phone });
  const phone = await fresh.newPage();
  await phone.goto(`${site.address}/login?next=/sql`);
  await phone.locator('a[href^="/login/identity"]').click();
  await phone.waitForURL((url) => url.origin === provider.address && url.pathname === "/login");
  await fill(phone, "li.ming");
  await phone.waitForURL(`${site.address}/sql`);

  // The provider's own page says whom one agreed to tell what.
  const own = await browser.newContext({ viewport: sizes.desktop });
  const home = await own.newPage();
  await home.goto(`${provider.address}/login?next=/account`);
  await fill(home, "li.ming");
  await home.waitForURL(`${provider.address}/account`);
  assert.match(await home.locator("main").innerText(), /第二平台/);
  await inspect(home, "oidc-agreements");

  // An application sends somebody here to log out: asked, and back where it may.
  const client = await home.locator('form[action="/account/agreement"] input[name="client"]').getAttribute("value");
  const back = encodeURIComponent(`${site.address}/`);
  await home.goto(`${provider.address}/oidc/logout?client_id=${client}&post_logout_redirect_uri=${back}`);
  await inspect(home, "oidc-leave");
  await home.locator("main button.main").click();
  await home.waitForURL(`${site.address}/`);
});

test("who does not agree goes back, and a stranger is sent nowhere", { skip }, async () => {
  const context = await browser.newContext({ viewport: sizes.desktop });
  const page = await context.newPage();
  const made = sanjiang(["client", "add", "访客系统", "--redirect", `${site.address}/help`, "--public"], provider.data);
  const id = made.match(/client_id=(\S+)/)[1];
  const ask = (redirect) =>
    `${provider.address}/oidc/authorize?client_id=${id}&redirect_uri=${encodeURIComponent(redirect)}&response_type=code&scope=openid&state=s&code_challenge=${"A".repeat(43)}&code_challenge_method=S256`;
  await page.goto(ask(`${site.address}/help`));
  await fill(page, "li.ming");
  await page.waitForURL((url) => url.pathname === "/oidc/authorize");
  await page.locator('main a[href*="access_denied"]').click();
  await page.waitForURL((url) => url.origin === site.address && url.searchParams.get("error") === "access_denied" && url.searchParams.get("state") === "s");
  const answer = await page.goto(ask("https://evil.example/"));
  assert.equal(answer.status(), 400);
  await inspect(page, "oidc-stranger");
});

test("the system officer registers an application, whose secret is shown once", { skip }, async () => {
  const context = await browser.newContext({ viewport: sizes.desktop });
  const page = await context.newPage();
  await page.goto(provider.links.system);
  await page.locator('input[name="name"]').fill("zhao");
  for (const field of await page.locator('input[type="password"]').all()) await field.fill(PASSWORD);
  await page.locator("main form button").first().click();
  await page.waitForURL((url) => url.pathname === "/account");
  const secret = await page.locator("code.secret").innerText();
  await page.locator("#code").fill(code(secret));
  await page.locator('form[action="/account/second"] button').click();
  await page.waitForURL((url) => url.search === "?done=second");
  await page.goto(`${provider.address}/accounts`);
  await page.locator('main a[href="/clients"]').click();
  await page.locator("#name").fill("城管巡查");
  await page.locator("#redirects").fill("http://app.example.gov.cn/back");
  await page.locator("#scope-profile").check();
  await page.locator("main button.main").click();
  assert.match(await page.locator("main .fault").innerText(), /不能作回跳地址/);
  assert.ok(await page.locator("#scope-profile").isChecked(), "nothing of what was entered is lost");
  await page.locator("#redirects").fill("https://app.example.gov.cn/back");
  await page.locator("main button.main").click();
  assert.match(await page.locator("main .said").innerText(), /sjoidc_[0-9a-f]{64}/);
  await inspect(page, "oidc-clients");
  await page.goto(`${provider.address}/clients`);
  assert.doesNotMatch(await page.locator("main").innerText(), /sjoidc_/);
});
