import { expect, test } from "vitest";
import type { Bar } from "../../src/charts/bars";
import { barsKnownAt, gapsKnownAt, knownAt, lives, spoken, stepped, wallsKnownAt } from "../../src/pages/chart/knowledge";
import type { ChartPattern, Gap, Signal, Wall } from "../../src/pages/chart/rows";

const HOUR = 3_600;
const bar = (time: number, closed = true): Bar => ({ time, open: 1, high: 2, low: 0.5, close: 1, volume: 1, closed });
const pattern = (id: number, stage: string, known: number): ChartPattern => ({
  id, stage, time: known - HOUR, knownAt: known, pattern: "double_top", direction: "bearish", completion: 50, breakout: 10,
  target: 8, invalidation: 12, quality: 0.5, pivots: [], lines: [], expires: null, reason: null,
});

test("a bar is known at its close, not a second before, and never while it forms", () => {
  const bars = [bar(0), bar(HOUR), bar(2 * HOUR, false)];
  expect(barsKnownAt(bars, HOUR, 2 * HOUR).length).toBe(2);
  expect(barsKnownAt(bars, HOUR, 2 * HOUR - 1).length).toBe(1);
  expect(barsKnownAt(bars, HOUR, 9 * HOUR).length).toBe(2);
  expect(barsKnownAt(bars, HOUR, null)).toBe(bars);
});

test("rows that were known later are hidden", () => {
  expect(knownAt([{ knownAt: 5 }, { knownAt: 6 }], 5)).toEqual([{ knownAt: 5 }]);
});

test("a pattern has the stage that it had then: its target is not told before it was met", () => {
  const rows = [pattern(1, "forming", 100), pattern(1, "complete", 200), pattern(1, "target_met", 300), pattern(2, "forming", 250)];
  expect(lives(rows, 220).map((each) => each.stage)).toEqual(["complete"]);
  expect(lives(rows, null).map((each) => `${each.id} ${each.stage}`)).toEqual(["1 target_met", "2 forming"]);
  expect(lives(rows, 99)).toEqual([]);
});

test("a wall whose end was not known yet still stands, and is under no suspicion", () => {
  const wall: Wall = { from: 10, to: 50, knownAt: 11, endKnownAt: 51, side: "bid", price: 1, notional: 1, outcome: "pulled", spoof: true };
  expect(wallsKnownAt([wall], 40)).toMatchObject([{ to: null, outcome: "open", spoof: false }]);
  expect(wallsKnownAt([wall], 51)).toEqual([wall]);
  expect(wallsKnownAt([wall], 10)).toEqual([]);
});

test("a gap is there from its detection to its repair, and its reason from its verification", () => {
  const gap: Gap = { from: 0, to: 60, minutes: 1, state: "repaired", detectedAt: 100, repairedAt: 200, verifiedAt: null, reason: null };
  expect(gapsKnownAt([gap], 99)).toEqual([]);
  expect(gapsKnownAt([gap], 150)).toMatchObject([{ state: "detected" }]);
  expect(gapsKnownAt([gap], 200)).toEqual([]);
  expect(gapsKnownAt([gap], null)).toEqual([]);
  const none: Gap = { ...gap, state: "venue_had_none", repairedAt: null, verifiedAt: 300, reason: "maintenance" };
  expect(gapsKnownAt([none], 250)).toMatchObject([{ state: "detected", reason: null }]);
  expect(gapsKnownAt([none], 300)).toMatchObject([{ state: "venue_had_none", reason: "maintenance" }]);
});

test("neutral signals say nothing that can be drawn", () => {
  const signal = { signal: "buy", entry: 1, stop: 0.9, target: 1.3 } as Signal;
  expect(spoken([signal, { ...signal, signal: "neutral" }, { ...signal, stop: null }])).toEqual([signal]);
});

test("the time machine steps from close to close, and past now it is now", () => {
  const now = 10 * HOUR + 700;
  expect(stepped(null, -1, "1h", now)).toBe(10 * HOUR);
  expect(stepped(10 * HOUR, -1, "1h", now)).toBe(9 * HOUR);
  expect(stepped(9 * HOUR, 1, "1h", now)).toBe(10 * HOUR);
  expect(stepped(10 * HOUR, 1, "1h", now)).toBeNull();
  expect(stepped(8 * HOUR + 60, 1, "1h", now)).toBe(9 * HOUR);
  expect(stepped(8 * HOUR + 60, -1, "1h", now)).toBe(8 * HOUR);
});
