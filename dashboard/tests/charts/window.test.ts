import { expect, test } from "vitest";
import { Axis } from "../../src/charts/axis";
import type { Bar } from "../../src/charts/bars";
import { holesOf, slotsOf } from "../../src/charts/gaps";
import { openOf } from "../../src/charts/timeframes";
import { windowFor } from "../../src/charts/window";

const bar = (time: number): Bar => ({ time, open: 1, high: 1, low: 1, close: 1, volume: 1, closed: true });

test("few bars are all in the window", () => {
  expect(windowFor(300, { from: 0, to: 0 }, { from: 200, to: 300 })).toEqual({ from: 0, to: 300 });
});

test("of many bars the window holds 5,000 around what is seen", () => {
  const span = windowFor(20_000, { from: 0, to: 0 }, { from: 19_800, to: 20_000 });
  expect(span).toEqual({ from: 15_000, to: 20_000 });
});

test("the window stays while what is seen keeps its distance from its ends, and moves when it does not", () => {
  const held = { from: 10_000, to: 15_000 };
  expect(windowFor(20_000, held, { from: 12_000, to: 12_200 })).toBe(held);
  expect(windowFor(20_000, held, { from: 10_010, to: 10_210 })).toEqual({ from: 7_610, to: 12_610 });
  expect(windowFor(20_000, held, { from: 14_790, to: 14_990 })).toEqual({ from: 12_390, to: 17_390 });
});

test("who looks at all 20,000 bars gets them, and who comes near again gets fewer", () => {
  const wide = windowFor(20_000, { from: 15_000, to: 20_000 }, { from: 0, to: 20_000 });
  expect(wide).toEqual({ from: 0, to: 20_000 });
  const near = windowFor(20_000, wide, { from: 10_000, to: 10_200 });
  expect(near.to - near.from).toBe(5_000);
});

test("missing bars are empty places, not flat bars", () => {
  const bars = [bar(0), bar(60), bar(300)];
  const slots = slotsOf(bars, 60);
  expect(slots.map((slot) => [slot.time, slot.bar !== null])).toEqual([
    [0, true],
    [60, true],
    [120, false],
    [180, false],
    [240, false],
    [300, true],
  ]);
  expect(holesOf(bars, 60)).toEqual([{ from: 120, to: 300, missing: 3, shortened: false }]);
});

test("a long hole is drawn shorter, says so, and its places stay in order", () => {
  const bars = [bar(0), bar(60_000)];
  const slots = slotsOf(bars, 60, 10);
  expect(slots.length).toBe(12);
  expect(slots.every((slot, place) => place === 0 || slot.time > (slots[place - 1]?.time ?? 0))).toBe(true);
  expect(holesOf(bars, 60, 10)[0]).toMatchObject({ missing: 999, shortened: true });
});

test("a time between, before and after the bars has its place", () => {
  const axis = new Axis([0, 60, 120, 600], 60);
  expect([axis.placeOf(30), axis.placeOf(-60), axis.placeOf(720), axis.placeOf(360)]).toEqual([0.5, -1, 5, 2.5]);
  for (const time of [-90, 0, 45, 120, 400, 900]) expect(axis.timeAt(axis.placeOf(time))).toBeCloseTo(time, 9);
});

test("weeks open on Monday, days at midnight UTC", () => {
  const moment = Date.UTC(2026, 10, 30, 12, 34) / 1000; // a Monday
  expect(openOf(moment, "1w")).toBe(Date.UTC(2026, 10, 30) / 1000);
  expect(openOf(moment, "1d")).toBe(Date.UTC(2026, 10, 30) / 1000);
  expect(openOf(moment - 86_400, "1w")).toBe(Date.UTC(2026, 10, 23) / 1000);
});
