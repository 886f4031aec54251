import { expect, test } from "vitest";
import type { Bar } from "../../src/charts/bars";
import { type Area, boxOf, type Path, type Projection, shapesAt, type Tick } from "../../src/charts/shapes";
import * as rows from "../../src/pages/chart/rows";
import * as of from "../../src/pages/chart/shapes_of";
import { barOfRow } from "../../src/pages/chart/live";

const answer = (row: Record<string, unknown>) => ({ columns: Object.fromEntries(Object.entries(row).map(([name, value]) => [name, [value]])), rows: 1, next: null });
const on: Projection = { width: 1_000, height: 500, x: (time) => time / 10, y: (price) => 500 - price };
const bar = (time: number, high = 110, low = 90): Bar => ({ time, open: 100, high, low, close: 100, volume: 7, closed: true });

const TOLD = {
  ts: "1970-01-01T00:50:00Z", known_at: "1970-01-01T00:51:00Z", pattern_id: 7, pattern: "head_and_shoulders", direction: "bearish",
  stage: "complete", completion: 100, breakout_level: 200, target: 150, invalidation: 260, quality: 0.8,
  pivot_ts: ["1970-01-01T00:10:00", "1970-01-01T00:20:00Z"], pivot_prices: [210, 250],
  lines: '{"lower": ["1970-01-01T00:10:00Z", 200, "1970-01-01T00:20:00Z", 210], "neckline": ["1970-01-01T00:10:00Z", 200, "1970-01-01T00:30:00Z", 200]}',
  detail: '{"reason": "broke_out", "expires": "1970-01-01T02:00:00Z"}',
};

test("a chart pattern is drawn by its lines straight on in time, with its levels until it is over", () => {
  const [pattern] = rows.chartPatternsOf(answer(TOLD));
  const shapes = of.patternShapes(pattern as rows.ChartPattern, 6_000, "USDT");
  const lower = shapes.find((each) => each.id.endsWith(":lower")) as Path;
  expect(lower.points).toEqual([{ time: 600, price: 200 }, { time: 6_000, price: 290 }]);
  expect(shapes.filter((each) => /breakout|target|invalidation/.test(each.id)).map((each) => (each as Path).points[1]?.time)).toEqual([7_200, 7_200, 7_200]);
  expect(shapes[0]?.words?.join(" ")).toContain("Target 150");
});

test("a pattern that ended has no levels any more and goes no farther than its end", () => {
  const [pattern] = rows.chartPatternsOf(answer({ ...TOLD, stage: "target_met" }));
  const shapes = of.patternShapes(pattern as rows.ChartPattern, 6_000, "USDT");
  expect(shapes.some((each) => /breakout|invalidation/.test(each.id))).toBe(false);
  expect((shapes[0] as Path).points[1]?.time).toBe(3_000);
});

test("a signal's boxes lie between entry, stop and target, from when it was known until it is over", () => {
  const [signal] = rows.signalsOf(answer({
    ts: 0, known_at: 60_000, signal: "sell", confidence: 61, entry: 100, stop: 110, target: 80, expires_at: 600_000,
    reasons: { counted: [{ timeframe: "1h", family: "candlestick", pattern: "hammer", direction: "bearish", confidence: 70, weight: 0.7 }], overridden: [] },
  }));
  const [target, stop] = of.signalShapes(signal as rows.Signal, 60, "USDT", true) as Area[];
  expect([target?.low, target?.high, stop?.low, stop?.high, target?.from, target?.to]).toEqual([80, 100, 100, 110, 60, 600]);
  expect(target?.words?.join(" ")).toContain("hammer 1h");
  expect([target?.labelAt, stop?.labelAt]).toEqual(["bottom", "top"]); // away from the entry, which has its own
});

test("missing bars are a band that says how many and why, as far as it is known", () => {
  const hole = { from: 60, to: 180, missing: 2, shortened: false };
  const gap: rows.Gap = { from: 60, to: 180, minutes: 2, state: "venue_had_none", detectedAt: 0, repairedAt: null, verifiedAt: 1, reason: "venue_maintenance" };
  const [known, unknown] = [of.gapShapes([hole], [gap])[0] as Area, of.gapShapes([hole], [])[0] as Area];
  expect(known.words?.join(" ")).toMatch(/2 bars missing.*the venue had none.*Why: venue maintenance/);
  expect(unknown.words?.[1]).toContain("Nothing is in the ledger");
  expect([known.low, known.hatched]).toEqual([null, true]);
});

test("candlestick patterns of one bar and way share a mark; those of bars that are not held have none", () => {
  const one = { time: 60, knownAt: 120, beganAt: 0, pattern: "hammer", direction: "bullish", nature: "reversal", strength: 100, unbroken: true } as const;
  const shapes = of.candlestickShapes([one, { ...one, pattern: "piercing" }, { ...one, time: 999 }], [bar(0), bar(60)], () => []);
  expect(shapes.length).toBe(1);
  expect(shapes[0]).toMatchObject({ side: "below", form: "up", at: { price: 90 } });
  expect(shapes[0]?.words?.filter((line) => line.startsWith("What came of it"))).toHaveLength(2);
});

test("a divergence is drawn from the extreme that it is measured by", () => {
  const bars = [bar(0, 120), bar(60), bar(120, 125)];
  const told = { time: 120, knownAt: 180, pattern: "divergence", direction: "bearish", strength: "strong", confidence: 0.5, ratio: 1, level: 120 } as const;
  expect(of.divergenceShapes([told], bars)[0]?.points).toEqual([{ time: 0, price: 120 }, { time: 120, price: 125 }]);
  expect(of.divergenceShapes([{ ...told, level: 121 }], bars)).toEqual([]);
});

test("of zones only the newest reading is shown, and the strongest stands out most", () => {
  const zones = rows.zonesOf({
    columns: { ts: [10_000, 10_000, 0], side: ["support", "resistance", "support"], price: [1, 2, 3], low: [1, 2, 3], high: [1, 2, 3], strength: [1, 4, 9] },
    rows: 3,
    next: null,
  });
  expect(zones.length).toBe(2);
  expect(of.zoneShapes(zones, "USDT").map((each) => each.weight)).toEqual([0.25, 1]);
});

test("one points at thin shapes before the areas behind them", () => {
  const area: Area = { kind: "area", id: "area", tone: "up", from: 0, to: 5_000, low: 0, high: 400, words: ["area"] };
  const path: Path = { kind: "path", id: "path", tone: "up", points: [{ time: 0, price: 200 }, { time: 5_000, price: 200 }], words: ["path"] };
  const tick: Tick = { kind: "tick", id: "tick", tone: "up", at: { time: 1_000, price: 300 }, side: "above", form: "up", words: ["tick"] };
  expect(shapesAt([area, path, tick], { x: 250, y: 303 }, on).map((each) => each.id)).toEqual(["path", "area"]);
  expect(shapesAt([area, path, tick], { x: 100, y: 190 }, on).map((each) => each.id)).toEqual(["tick", "area"]);
  expect(shapesAt([area], { x: 800, y: 300 }, on)).toEqual([]);
  expect(boxOf({ ...area, from: null, to: null, low: null, high: null }, on)).toEqual({ left: 0, right: 1_000, top: 0, bottom: 500 });
});

test("a live row is a bar, forming or closed; one without a price is none", () => {
  const row = { ts: "2026-11-30T00:00:00Z", open: 1, high: 2, low: 1, close: 2, volume: 3, closed: false };
  expect(barOfRow(row)).toMatchObject({ closed: false, close: 2 });
  expect(barOfRow({ ...row, close: null })).toBeNull();
});
