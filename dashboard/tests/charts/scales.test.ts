import { expect, test, vi } from "vitest";
import { coalesce } from "../../src/charts/coalesce";
import { divergingColour, gridOf, limitOf } from "../../src/charts/heat";
import { breaksOf, pointsOf, summed, thinned, usualStep } from "../../src/charts/points";
import { nearest } from "../../src/charts/time_chart";

const SCALE = { negative: "#0000ff", middle: "#101010", positive: "#ff8000" };

test("a diverging scale has its middle at zero and ends at its limit", () => {
  expect(divergingColour(0, 1, SCALE)).toBe("rgb(16, 16, 16)");
  expect(divergingColour(2, 1, SCALE)).toBe("rgb(255, 128, 0)");
  expect(divergingColour(-1, 1, SCALE)).toBe("rgb(0, 0, 255)");
  expect(divergingColour(0.1, 1, SCALE)).not.toBe(divergingColour(-0.1, 1, SCALE));
});

test("a limit is round and holds nearly all: one extreme does not make the rest alike", () => {
  const values = [...Array.from({ length: 99 }, () => 0.11), 40];
  expect(limitOf(values)).toBeCloseTo(0.2, 12);
  expect([limitOf([]), limitOf([0, 0]), limitOf([-5])]).toEqual([1, 1, 5]);
});

test("a grid has a place for what is not known", () => {
  const grid = gridOf([
    { row: "b", time: 2, cell: 1 },
    { row: "a", time: 1, cell: 2 },
  ]);
  expect(grid).toEqual({ rows: ["b", "a"], times: [1, 2], cells: [[null, 1], [2, null]] });
});

test("points are ascending, one a moment, and what is null stays unknown", () => {
  const answer = { columns: { ts: [120_000, 120_000, 60_000], x: [2, 9, null] }, rows: 3, next: null };
  expect(pointsOf(answer, "x")).toEqual([{ time: 60, value: null }, { time: 120, value: 2 }]);
});

test("thinning keeps the last known of a stretch, sums keep unknown unknown", () => {
  const points = [{ time: 0, value: 1 }, { time: 30, value: 2 }, { time: 40, value: null }, { time: 60, value: null }];
  expect(thinned(points, 60)).toEqual([{ time: 0, value: 2 }, { time: 60, value: null }]);
  expect(summed(points, 60)).toEqual([{ time: 0, value: 3 }, { time: 60, value: null }]);
});

test("a line is broken where nothing was told", () => {
  const points = [0, 60, 120, 600, 660].map((time) => ({ time, value: 1 }));
  expect(usualStep(points)).toBe(60);
  expect([...breaksOf(points, 3.5 * 60)]).toEqual([2]);
});

test("the value at the crosshair is the last that was told", () => {
  const points = [{ time: 10 }, { time: 20 }];
  expect([nearest(points, 9), nearest(points, 19)?.time, nearest(points, 99)?.time]).toEqual([undefined, 10, 20]);
});

test("drawings are coalesced: the first at once, the others together, the last never lost", () => {
  vi.useFakeTimers();
  try {
    let drawn = 0;
    const draw = coalesce(() => drawn++, 250);
    draw();
    vi.advanceTimersByTime(0);
    expect(drawn).toBe(1);
    for (let each = 0; each < 40; each++) {
      draw();
      vi.advanceTimersByTime(25);
    }
    vi.advanceTimersByTime(250);
    expect(drawn).toBeLessThanOrEqual(6);
    expect(drawn).toBeGreaterThanOrEqual(4);
    draw();
    draw.cancel();
    vi.advanceTimersByTime(1_000);
    expect(drawn).toBeLessThanOrEqual(6);
  } finally {
    vi.useRealTimers();
  }
});
