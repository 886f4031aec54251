import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { NOTICES, notices, packageOf, read } from "../tooling/licences";

const MODULES = resolve(import.meta.dirname, "../node_modules");

test("a module is of the innermost package that holds it", () => {
  expect(packageOf("/x/node_modules/@preact/signals/dist/signals.mjs")).toBe("/x/node_modules/@preact/signals");
  expect(packageOf("/x/node_modules/a/node_modules/b/index.js?v=1")).toBe("/x/node_modules/a/node_modules/b");
  expect(packageOf("\0vite/preload-helper")).toBeNull();
  expect(packageOf("/x/src/main.tsx")).toBeNull();
});

test.each(["preact", "@preact/signals", "@preact/signals-core", "lightweight-charts", "fancy-canvas"])("%s has a text to show", (name) => {
  const shipped = read(join(MODULES, name));
  expect(shipped.text.length).toBeGreaterThan(200);
  expect(shipped.licence).toMatch(/MIT|Apache/);
});

test("TradingView's notice stands, with its link, though the package does not hold it", () => {
  const text = notices([read(join(MODULES, "lightweight-charts"))]);
  expect(NOTICES["lightweight-charts"]).toContain("Copyright 2023 TradingView, Inc.");
  expect(text).toContain("TradingView Lightweight Charts");
  expect(text).toContain("https://www.tradingview.com/");
  expect(text).toContain("Apache License");
});

test("what has no licence text stops the build", () => {
  const folder = mkdtempSync(join(tmpdir(), "package-"));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "nameless", version: "1.0.0" }));
  expect(() => read(folder)).toThrow("nameless has no licence text");
});
