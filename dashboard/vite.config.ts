import { defineConfig } from "vitest/config";
import { licences } from "./tooling/licences.ts";

/** The API that `npm run dev` passes questions on to; the built page asks the server that it came from. */
const API = process.env["ALPHAPULSE_API"] ?? "http://127.0.0.1:3160";

export default defineConfig({
  base: "./",
  plugins: [licences()],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: { outDir: "dist", target: "es2022", emptyOutDir: true, chunkSizeWarningLimit: 400 },
  server: { proxy: { "/api": API, "/ws": { target: API, ws: true } } },
  test: { environment: "happy-dom", isolate: false, include: ["tests/**/*.test.ts", "tests/**/*.test.tsx"] },
});
