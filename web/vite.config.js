// Bundles the islands, one entry for each page that has any, into files named by their content.
import { defineConfig } from "vite";
import { forTheServer } from "./for-the-server.js";

export default defineConfig({
  base: "/assets/",
  publicDir: false,
  logLevel: "warn",
  build: {
    target: "es2022",
    outDir: process.env.SANJIANG_OUT ?? "dist",
    emptyOutDir: true,
    assetsDir: "",
    // A strict content security policy admits no inlined script and no data: script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1200,
    rolldownOptions: { input: { sql: "src/sql/main.ts" } },
  },
  worker: { format: "es" },
  plugins: [forTheServer()],
});
