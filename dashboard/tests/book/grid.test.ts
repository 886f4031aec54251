import { describe, expect, it } from "vitest";
import { boundsOf, bySlot, cellsOf, cumulated, type DepthColumn, marksOf, priceOf, rowOf, rowsOfColumns, shareOf, shifted, shiftOf, slotsUntil } from "../../src/pages/book/grid";

const SCALE = { binBps: 2, merged: 1 };

function column(from: number, until: number, more: Partial<DepthColumn> = {}): DepthColumn {
  return { from, until, mid: 100, midRow: 10, bids: [1, 2], asks: [3], ...SCALE, ...more };
}

describe("rows of price", () => {
  it("hold the prices between their edges, whatever the price", () => {
    for (const price of [0.00001234, 0.99, 1, 22_318.385, 100_000]) {
      const row = rowOf(price, SCALE);
      expect(priceOf(row, SCALE)).toBeLessThanOrEqual(price * (1 + 1e-12));
      expect(priceOf(row + 1, SCALE)).toBeGreaterThan(price * (1 - 1e-12));
    }
  });

  it("are the database's bins: 22,318.385 lies in bin 50,070 of 2 basis points", () => {
    expect(rowOf(22_318.385, SCALE)).toBe(50_070);
    expect(rowOf(22_318.385, { binBps: 2, merged: 5 })).toBe(10_014);
  });

  it("reach from the lowest bid to the highest ask of all columns", () => {
    const other = column(0, 1, { midRow: 20, bids: [], asks: [1, 1, 1] });
    expect(rowsOfColumns([column(0, 1), other])).toEqual({ lowest: 9, count: 14 });
    expect(rowsOfColumns([])).toBeNull();
  });
});

describe("cells of a column", () => {
  it("add both sides in the row of mid, are 0 where empty and unknown where nothing was told", () => {
    const cells = cellsOf(column(0, 1, { bids: [1, 0, 2], asks: [3] }), { lowest: 7, count: 6 });
    expect([...cells]).toEqual([Number.NaN, 2, 0, 4, Number.NaN, Number.NaN]);
  });

  it("beyond the rows that are drawn are left out", () => {
    expect([...cellsOf(column(0, 1), { lowest: 10, count: 1 })]).toEqual([4]);
  });
});

describe("slots of time", () => {
  it("end with the one of now and are whole seconds", () => {
    const slots = slotsUntil(1_000_500, 600_000, 600);
    expect(slots).toEqual({ first: 401_000, step: 1_000, count: 600 });
    expect(slotsUntil(0, 4 * 3_600_000, 600).step).toBe(24_000);
  });

  it("go on as time does", () => {
    const slots = slotsUntil(100_000, 10_000, 10);
    expect(shiftOf(slots, 100_900)).toBe(0);
    expect(shiftOf(slots, 103_000)).toBe(3);
    expect(shifted(slots, 3)).toEqual(slotsUntil(103_000, 10_000, 10));
  });

  it("show what was so in them, and nothing after a book lost its proof", () => {
    const slots = { first: 0, step: 1_000, count: 8 };
    const [first, second] = [column(1_200, 3_000), column(6_000, 7_500)];
    expect(bySlot([first, second], slots)).toEqual([null, first, first, null, null, null, second, second]);
  });
});

describe("colours of size", () => {
  it("run on a log scale between bounds that few outliers do not move", () => {
    const sizes = Array.from({ length: 1_000 }, (_, at) => 1 + (at % 10));
    const bounds = boundsOf([column(0, 1, { bids: [...sizes, 1e9], asks: [0, 0] })]);
    expect(bounds).toEqual({ low: 1, high: 10 });
    expect(shareOf(1, { low: 1, high: 100 })).toBe(0);
    expect(shareOf(10, { low: 1, high: 100 })).toBeCloseTo(0.5);
    expect(shareOf(1e9, { low: 1, high: 100 })).toBe(1);
  });

  it("have no bounds where nothing rests", () => {
    expect(boundsOf([column(0, 1, { bids: [0], asks: [] })])).toBeNull();
  });

  it("are told at round sizes within the bounds", () => {
    expect(marksOf({ low: 1.5, high: 60 })).toEqual([2, 5, 10, 20, 50]);
    expect(marksOf({ low: 0.005, high: 900 })).toEqual([0.01, 0.1, 1, 10, 100]);
  });
});

it("depth adds up outwards", () => expect(cumulated([1, 0, 2.5])).toEqual([1, 1, 3.5]));
