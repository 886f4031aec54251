import { describe, expect, it } from "vitest";
import { bubblesOf, LARGEST } from "../../src/pages/book/bubbles";
import { pathOf } from "../../src/pages/book/cumulative";
import { lineOf } from "../../src/pages/book/imbalance";
import { EMPTY, paint, STEPS, VIRIDIS } from "../../src/pages/book/palette";
import { bytesOf } from "../../src/pages/book/picture";
import { bookOf, depthOf, joined } from "../../src/pages/book/rows";
import { stateOf } from "../../src/pages/book/state";
import { newest } from "../../src/pages/book/use_book";
import { standing } from "../../src/pages/book/trust";
import { merged, type WhaleRow } from "../../src/pages/book/whales";

const ANSWER = {
  columns: {
    from_at: ["2026-11-30T12:00:00Z", "2026-11-30T12:00:02Z"],
    until_at: ["2026-11-30T12:00:02Z", "2026-11-30T12:00:04Z"],
    mid: [100, 101],
    mid_bin: [5, 6],
    bid_sizes: [[1, 2], [3]],
    ask_sizes: [[4], []],
    bin_bps: [2, 2],
    merged: [1, 1],
    unit: ["base", "base"],
    base: ["BTC", "BTC"],
  },
  rows: 2,
  next: null,
};

describe("answers", () => {
  it("become columns with their unit", () => {
    const { columns, unit } = depthOf(ANSWER);
    expect(unit).toBe("BTC");
    expect(columns[1]).toEqual({ from: Date.parse("2026-11-30T12:00:02Z"), until: Date.parse("2026-11-30T12:00:04Z"), mid: 101, midRow: 6, bids: [3], asks: [], binBps: 2, merged: 1 });
  });

  it("that are newer take the place of what they tell anew; another grid takes all", () => {
    const { columns } = depthOf(ANSWER);
    const [first, second] = columns;
    if (!first || !second) throw new Error("two columns were made");
    const again = { ...second, mid: 102 };
    expect(joined(columns, [again], 0)).toEqual([first, again]);
    expect(joined(columns, [], second.from)).toEqual([second]);
    expect(joined(columns, [{ ...again, binBps: 5 }], 0)).toEqual([{ ...again, binBps: 5 }]);
  });

  it("of the socket and of the API are the same book", () => {
    const told = bookOf({ ts: "2026-11-30T12:00:00Z", imbalance: 0.5, bids: [[99, 1], [98, 2]], asks: [[101, 3]] });
    const asked = bookOf({ ts: "2026-11-30T12:00:00Z", imbalance: 0.5, bid_prices: [99, 98], bid_sizes: [1, 2], ask_prices: [101], ask_sizes: [3] });
    expect(told).toEqual(asked);
    expect(told).toMatchObject({ mid: 100, spreadBps: 200, bids: [{ price: 99, size: 1 }, { price: 98, size: 2 }] });
    expect(bookOf({})).toEqual({ ts: null, mid: null, imbalance: null, spreadBps: null, bids: [], asks: [] });
  });
});

it("of the stream's and the table's state the newer one is shown", () => {
  const [old, young] = [bookOf({ ts: "2026-11-30T12:00:00Z" }), bookOf({ ts: "2026-11-30T12:00:01Z" })];
  expect(newest(old, young)).toBe(young);
  expect(newest(young, old)).toBe(young);
  expect(newest(null, old)).toBe(old);
  expect(newest(null, null)).toBeNull();
});

describe("pixels", () => {
  it("are nothing where unknown, dark where empty, brighter the more rests", () => {
    const bytes = new Uint8ClampedArray(4).fill(9);
    paint(bytes, 0, null);
    expect([...bytes]).toEqual([0, 0, 0, 0]);
    paint(bytes, 0, 0);
    expect([...bytes]).toEqual([...EMPTY, 255]);
    const light = (step: number) => 0.2126 * (VIRIDIS[step * 4] ?? 0) + 0.7152 * (VIRIDIS[step * 4 + 1] ?? 0) + 0.0722 * (VIRIDIS[step * 4 + 2] ?? 0);
    for (let step = 1; step < STEPS; step += 1) expect(light(step)).toBeGreaterThanOrEqual(light(step - 1) - 1);
  });

  it("of a column begin with the highest price", () => {
    const bytes = bytesOf({ from: 0, until: 1, mid: 1, midRow: 1, bids: [0, 5], asks: [0], binBps: 2, merged: 1 }, { lowest: 0, count: 3 }, { low: 1, high: 5 });
    expect([...bytes.slice(0, 4)]).toEqual([0, 0, 0, 0]);
    expect([...bytes.slice(4, 8)]).toEqual([...EMPTY, 255]);
    expect([...bytes.slice(8)]).toEqual([...VIRIDIS.slice(-4)]);
    expect(bytesOf(null, { lowest: 0, count: 3 }, { low: 1, high: 5 }).every((byte) => byte === 0)).toBe(true);
  });
});

describe("bubbles", () => {
  const slots = { first: Date.parse("2026-11-30T12:00:00Z"), step: 2_000, count: 10 };
  const trade = (seconds: number, value: number, more = {}) => ({ ts: new Date(slots.first + seconds * 1000).toISOString(), side: "buy", price: 100, size: value / 100, value, large: false, ...more });

  it("have areas in proportion to worth, and stand in their slot", () => {
    const [small, big] = bubblesOf([trade(1, 100), trade(3.5, 400)], slots).sort((a, b) => a.radius - b.radius);
    expect(big?.radius).toBe(LARGEST);
    expect(((small?.radius ?? 0) / LARGEST) ** 2).toBeCloseTo(0.25);
    expect(big?.at).toBe(slots.first + 2_000);
  });

  it("outside the window, and all but the largest, are left out", () => {
    const rows = [trade(-1, 9e9), trade(20, 9e9), ...Array.from({ length: 50 }, (_, at) => trade(at / 10, 100 + at))];
    const found = bubblesOf(rows, slots, 10);
    expect(found.length).toBe(10);
    expect(Math.min(...found.map((each) => each.row.value ?? 0))).toBe(140);
  });
});

describe("words and lines", () => {
  it("an address says what is shown, and what it does not know is as by default", () => {
    const state = stateOf(new URLSearchParams("symbol=ETH/USDT&venue=bybit&window=1h&reach=50&trades=off"));
    expect(state).toEqual({ symbol: "ETH/USDT", venue: "bybit", window: "1h", reach: 50, trades: false });
    expect(stateOf(new URLSearchParams("window=9y&reach=7"))).toEqual({ symbol: "BTC/USDT", venue: "binance", window: "10m", reach: 100, trades: true });
  });

  it("a book is trusted only while it is synced", () => {
    const row = { valid_from: "2026-11-30T12:00:00Z", valid_until: null, state: "synced", began_with: "snapshot", ended_with: null };
    expect(standing([row])).toEqual({ tone: "good", label: "synced" });
    expect(standing([{ ...row, state: "stale" }]).tone).toBe("bad");
    expect(standing([{ ...row, state: "lagging" }]).tone).toBe("warn");
    expect(standing([{ ...row, valid_until: "2026-11-30T12:01:00Z", ended_with: "worker_lost" }])).toEqual({ tone: "bad", label: "not followed: worker lost" });
    expect(standing([]).tone).toBe("bad");
  });

  it("imbalance has holes where there were no states", () => {
    const at = (seconds: number) => new Date(seconds * 1000).toISOString();
    const path = lineOf([{ ts: at(0), imbalance: 1 }, { ts: at(1), imbalance: 0 }, { ts: at(30), imbalance: -1 }], 30_000, 60_000);
    expect(path).toBe("M180.0 0.0L186.0 45.0M360.0 90.0");
  });

  it("depth is a staircase outwards", () => {
    expect(pathOf([1, 2], 1, 10, 2)).toBe("M180 150L180.0 75.0L190.0 75.0L190.0 0.0L200.0 0.0L200.0 150Z");
    expect(pathOf([2], -1, 10, 2)).toBe("M180 150L180.0 0.0L170.0 0.0L170.0 150Z");
  });

  it("whales are each shown once, newest first", () => {
    const row = (ts: string, price: number): WhaleRow => ({ ts, kind: "wall_appeared", side: "bid", price, size: 1, notional: 1, notional_usd: 1, distance_bps: 1, cause: "placed", reference: "" });
    const [old, young] = [row("2026-11-30T12:00:00Z", 1), row("2026-11-30T12:00:05Z", 2)];
    expect(merged([young], [old, young])).toEqual([young, old]);
  });
});
