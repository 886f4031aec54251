import { expect, test } from "vitest";
import { type Bar, barsOf, mergeBars, placeOf, seconds } from "../../src/charts/bars";
import { BarStore } from "../../src/charts/store";

const bar = (time: number, close = 1, closed = true): Bar => ({ time, open: 1, high: 2, low: 0.5, close, volume: 3, closed });
const times = (bars: readonly Bar[]) => bars.map((each) => each.time);
const run = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => bar((from + index) * 60));

test("an answer that comes newest first becomes ascending bars, whichever way times are written", () => {
  const columns = { open: [1, 1], high: [2, 2], low: [1, 1], close: [2, 1], volume: [5, null] };
  const text = barsOf({ columns: { ts: ["2026-11-30T00:01:00Z", "2026-11-30T00:00:00.000000Z"], ...columns }, rows: 2, next: null });
  const milliseconds = barsOf({ columns: { ts: [1795996860000, 1795996800000], ...columns }, rows: 2, next: null });
  expect(times(text)).toEqual([1795996800, 1795996860]);
  expect(text.map((each) => each.volume)).toEqual([null, 5]);
  expect(times(milliseconds).map((time) => time % 60)).toEqual([0, 0]);
});

test("a row without a price is no bar", () => {
  const answer = { columns: { ts: [0, 60000], open: [1, null], high: [1, 1], low: [1, 1], close: [1, 1] }, rows: 2, next: null };
  expect(times(barsOf(answer))).toEqual([0]);
});

test("what arrives replaces what was held, but a forming bar never replaces a closed one", () => {
  const held = [bar(0), bar(60, 1, false)];
  expect(mergeBars(held, [bar(60, 7)])[1]?.close).toBe(7);
  expect(mergeBars([bar(0), bar(60, 5)], [bar(60, 9, false)])[1]?.close).toBe(5);
  expect(times(mergeBars([bar(60)], [bar(0), bar(120)]))).toEqual([0, 60, 120]);
  expect(mergeBars(held, [])).toBe(held);
});

test("places are those of a sorted list", () => {
  const bars = [bar(0), bar(60), bar(180)];
  expect([placeOf(bars, 0), placeOf(bars, 61), placeOf(bars, 999)]).toEqual([0, 2, 3]);
});

test("paging back drops the newest bars and says that there are more after them", () => {
  const store = new BarStore(100);
  store.reset(run(100, 200), true);
  expect(store.addBefore(run(50, 101), true)).toBe(50);
  expect(store.bars.length).toBe(100);
  expect([store.first?.time, store.last?.time]).toEqual([3000, 149 * 60]);
  expect(store.moreAfter).toBe(true);
});

test("going on forward drops the oldest bars and says that there are more before them", () => {
  const store = new BarStore(100);
  store.reset(run(0, 100), false, true);
  expect(store.addAfter(run(100, 130), false)).toBe(30);
  expect([store.first?.time, store.last?.time]).toEqual([1800, 129 * 60]);
  expect([store.moreBefore, store.moreAfter]).toEqual([true, false]);
});

test("a live bar is not put beside bars that were dropped", () => {
  const store = new BarStore(100);
  store.reset(run(0, 100), false, true);
  expect(store.live(bar(9000, 1, false))).toBeNull();
  expect(store.last?.time).toBe(99 * 60);
  store.reset(run(0, 100), false, false);
  expect(store.live(bar(6000, 1, false))).toBe(1);
  expect(store.last?.closed).toBe(false);
});

test("a moment without a zone is UTC, wherever the browser is", () => {
  const zone = process.env["TZ"];
  process.env["TZ"] = "Asia/Tokyo";
  try {
    expect(new Date(0).getTimezoneOffset()).toBe(-540);
    expect(seconds("1970-01-01T00:10:00")).toBe(600);
    expect(seconds("1970-01-01T00:10:00.500000Z")).toBe(600.5);
    expect(seconds("1970-01-02")).toBe(86_400);
    expect([seconds(null), seconds("soon")]).toEqual([null, null]);
  } finally {
    if (zone === undefined) delete process.env["TZ"];
    else process.env["TZ"] = zone;
  }
});
