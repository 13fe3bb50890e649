// What the Rust side needs beside the bundles: which files an entry consists of, every file once more
// in gzip, and the licences of the packages that were bundled.
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";

/** The folder of the package that a module belongs to, or nothing for a module of ours. */
function packageOf(module) {
  if (!module.includes("/node_modules/")) return undefined;
  for (let folder = dirname(module); folder.includes("/node_modules/"); folder = dirname(folder)) {
    const file = join(folder, "package.json");
    if (existsSync(file) && JSON.parse(readFileSync(file, "utf8")).version) return folder;
  }
  return undefined;
}

function notice(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const found = readdirSync(folder).filter((file) => /^(licen[cs]es?|notice|copying)\b/i.test(file)).sort();
  const files = found.map((file) => join(folder, file)).flatMap((path) => (statSync(path).isDirectory() ? readdirSync(path).sort().map((file) => join(path, file)) : [path]));
  if (files.length === 0) throw new Error(`${name} carries no licence text`);
  const rule = "=".repeat(80);
  return [rule, `${name} ${version} (${license})`, rule, ...files.map((file) => readFileSync(file, "utf8").trim())].join("\n\n");
}

export function forTheServer() {
  return {
    name: "for-the-server",
    generateBundle(_options, bundle) {
      const chunks = Object.values(bundle).filter((file) => file.type === "chunk");
      const packages = new Set(chunks.flatMap((chunk) => chunk.moduleIds).map(packageOf).filter(Boolean));
      const head = "Sanjiang's pages carry parts of these packages. / 三江的页面使用了以下软件包。";
      this.emitFile({ type: "asset", fileName: "notices.txt", source: [head, ...[...packages].sort().map(notice)].join("\n\n") + "\n" });
      const entries = chunks.filter((chunk) => chunk.isEntry).flatMap((chunk) => [
        `${chunk.name} script ${chunk.fileName}`,
        ...[...(chunk.viteMetadata?.importedCss ?? [])].map((file) => `${chunk.name} style ${file}`),
      ]);
      this.emitFile({ type: "asset", fileName: "entries.txt", source: entries.join("\n") + "\n" });
    },
    writeBundle(options) {
      for (const file of readdirSync(options.dir)) {
        if (!/\.(js|css|txt|svg)$/.test(file) || file === "entries.txt") continue;
        writeFileSync(join(options.dir, `${file}.gz`), gzipSync(readFileSync(join(options.dir, file)), { level: 9 }));
      }
    },
  };
}
