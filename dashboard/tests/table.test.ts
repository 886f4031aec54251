import { expect, test } from "vitest";
import { move, seen, sorted } from "../src/ui/table_rows";

test("what is not known comes last, up and down", () => {
  const rows = [3, null, 1, Number.NaN, 2];
  expect(sorted(rows, (row) => row, false)).toEqual([1, 2, 3, null, Number.NaN]);
  expect(sorted(rows, (row) => row, true)).toEqual([3, 2, 1, null, Number.NaN]);
});

test("equal rows stay as they were, and names with numbers are in the order of people", () => {
  expect(sorted(["b10", "b9", "a"], (row) => row, false)).toEqual(["a", "b9", "b10"]);
  expect(sorted([{ n: 1 }, { n: 2 }, { n: 3 }], () => 0, true).map((row) => row.n)).toEqual([1, 2, 3]);
});

test("of a thousand rows those in sight are drawn, and some beside them", () => {
  const { first, last } = seen(1000, 2800, 560, 28, 12);
  expect([first, last]).toEqual([88, 132]);
  expect(seen(60, 0, 100, 28, 12)).toEqual({ first: 0, last: 60 });
  // rows that were taken away below the place where one had scrolled to
  expect(seen(100, 90_000, 560, 28, 12)).toEqual({ first: 88, last: 100 });
});

test("keys walk and stay within", () => {
  expect(move("ArrowDown", -1, 5, 3)).toBe(0);
  expect(move("ArrowUp", -1, 5, 3)).toBe(0);
  expect(move("PageDown", 3, 5, 3)).toBe(4);
  expect(move("End", 0, 5, 3)).toBe(4);
  expect(move("x", 0, 5, 3)).toBeNull();
  expect(move("ArrowDown", 0, 0, 3)).toBeNull();
});
