import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";

const CSS = readFileSync(resolve(import.meta.dirname, "../src/ui/tokens.css"), "utf8");

function colours(theme: string): Map<string, string> {
  const block = CSS.split(`[data-theme="${theme}"]`)[1]?.split("}")[0] ?? "";
  return new Map([...block.matchAll(/--([a-z0-9-]+):\s*(#[0-9a-f]{6})/g)].map((found) => [found[1] ?? "", found[2] ?? ""]));
}

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

const INKS = ["ink", "ink-2", "ink-3", "accent", "up", "down", "good", "warn", "bad"];
const PLACES = ["ground", "panel", "raised", "hover", "chosen"];
const SOFT = ["accent", "up", "down", "good", "warn", "bad"];

/** WCAG 2.2, 1.4.3: 4.5 for text. */
describe.each(["dark", "light"])("%s text can be read (AA)", (theme) => {
  const known = colours(theme);
  const of = (name: string) => known.get(name) ?? "#000000";

  test.each(INKS.flatMap((ink) => PLACES.map((place) => [ink, place] as const)))("%s on %s", (ink, place) => {
    expect(contrast(of(ink), of(place))).toBeGreaterThanOrEqual(4.5);
  });
  test.each(SOFT)("%s on its own badge", (name) => {
    expect(contrast(of(name), of(`${name}-soft`))).toBeGreaterThanOrEqual(4.5);
  });
  test("what is on a button of the accent", () => {
    expect(contrast(of("on-accent"), of("accent"))).toBeGreaterThanOrEqual(4.5);
  });
});
