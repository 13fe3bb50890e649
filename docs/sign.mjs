#!/usr/bin/env node
// Calls a Sanjiang node with signed requests (RFC 9421, Ed25519), in place of a bearer key. Needs Node 20 or newer and nothing else.
//   node sign.mjs new KEYFILE                 makes a key; prints the public JWK that is registered at /applications
//   node sign.mjs KEYFILE METHOD URL [BODY]   calls, and prints the answer
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, randomUUID, sign } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

/** The headers that sign a request. */
export function signed(privateKey, method, url, body, { created = Math.floor(Date.now() / 1000), nonce = randomUUID() } = {}) {
  const { kty, crv, x } = createPublicKey(privateKey).export({ format: "jwk" });
  // The keyid is the key's thumbprint (RFC 7638).
  const keyid = createHash("sha256").update(JSON.stringify({ crv, kty, x })).digest("base64url");
  const { host, pathname, search } = new URL(url);
  const parts = { "@method": method, "@authority": host, "@path": pathname, "@query": search || "?" };
  const headers = {};
  if (body !== undefined) {
    headers["content-type"] = "application/json";
    headers["content-digest"] = parts["content-digest"] = `sha-256=:${createHash("sha256").update(body).digest("base64")}:`;
  }
  const names = Object.keys(parts).map((name) => `"${name}"`).join(" ");
  const input = `(${names});created=${created};expires=${created + 120};nonce="${nonce}";keyid="${keyid}";alg="ed25519";tag="sanjiang-request"`;
  const base = [...Object.entries(parts).map(([name, value]) => `"${name}": ${value}`), `"@signature-params": ${input}`].join("\n");
  return { ...headers, "signature-input": `sig=${input}`, signature: `sig=:${sign(null, Buffer.from(base), privateKey).toString("base64")}:` };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [first, second, url, body] = process.argv.slice(2);
  if (first === "new") {
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    writeFileSync(second, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
    console.log(JSON.stringify(publicKey.export({ format: "jwk" })));
  } else {
    const key = createPrivateKey(readFileSync(first));
    const answer = await fetch(url, { method: second, headers: signed(key, second, url, body), body });
    console.log(await answer.text());
    process.exitCode = answer.ok ? 0 : 1;
  }
}
