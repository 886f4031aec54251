import { expect, test } from "vitest";
import { expiriesOf, fundingGrid, strikesOf } from "../../src/pages/derivatives/model";
import { placeOf } from "../../src/pages/derivatives/strikes";
import { correlationGrid, isTold, moodOf, regimeRuns, safeAddress } from "../../src/pages/sentiment/model";

const columns = (rows: readonly Record<string, unknown>[]) => {
  const names = Object.keys(rows[0] ?? {});
  return { columns: Object.fromEntries(names.map((name) => [name, rows.map((row) => row[name])])), rows: rows.length, next: null };
};

test("funding stands by symbol and settlement, the forecast beside it and told apart", () => {
  const settled = columns([
    { ts: 0, venue: "b", symbol: "X", rate: 0.0001, rate_annualised: 0.1, interval_hours: 8 },
    { ts: 28_800_000, venue: "b", symbol: "X", rate: 0.0001, rate_annualised: null, interval_hours: null },
  ]);
  const now = columns([{ venue: "b", symbol: "X", funding_rate: -0.0001, rate_annualised: -0.1, interval_hours: 8, next_funding_at: 57_600_000 }]);
  const grid = fundingGrid(settled, now);
  expect([grid.rows, grid.times]).toEqual([["X · b"], [0, 57_600]]);
  expect(grid.cells[0]?.map((cell) => cell?.forecast)).toEqual([false, true]);
});

test("strikes add up over expiries, or are of one; the empty ends are left out", () => {
  const answer = columns([
    { strike: 90, kind: "put", expiry: "a", open_interest: 100 },
    { strike: 90, kind: "put", expiry: "b", open_interest: 50 },
    { strike: 95, kind: "call", expiry: "a", open_interest: 0 },
    { strike: 100, kind: "call", expiry: "a", open_interest: 70 },
    { strike: 500, kind: "call", expiry: "a", open_interest: 0.1 },
  ]);
  expect(strikesOf(answer, null).map((each) => [each.strike, each.calls, each.puts])).toEqual([[90, 0, 150], [95, 0, 0], [100, 70, 0]]);
  expect(strikesOf(answer, "b")).toEqual([{ strike: 90, calls: 0, puts: 50 }]);
});

test("a price has its place between strikes, and none beyond them", () => {
  const strikes = [90, 100, 120].map((strike) => ({ strike, calls: 1, puts: 1 }));
  expect([placeOf(strikes, 110), placeOf(strikes, 90), placeOf(strikes, 80), placeOf(strikes, 130)]).toEqual([2, 0.5, null, null]);
});

test("all expiries together are told apart from each", () => {
  const { all, each } = expiriesOf(columns([{ expiry: "2027" }, { expiry: null }, { expiry: "2026" }]));
  expect([all?.expiry, each.map((row) => row.expiry)]).toEqual([null, ["2026", "2027"]]);
});

test("a correlation is told from nothing only where its interval leaves 0 out", () => {
  const row = { symbol: "X", venue: "v", ts: "2026-11-29", lag: 1, correlation: 0.3, low: 0.1, high: 0.5, pairs: 9, q: 0.1, verdict: "v" };
  const grid = correlationGrid(columns([row, { ...row, lag: 2, low: -0.1 }, { ...row, lag: 3, low: null, high: null }, { ...row, ts: "2026-11-28", lag: 9 }]));
  expect(grid.times).toEqual([1, 2, 3]);
  expect(grid.cells[0]?.map((cell) => cell !== null && isTold(cell))).toEqual([true, false, false]);
});

test("no score is no mood", () => {
  expect([moodOf(0.5), moodOf(-0.5), moodOf(0.1), moodOf(null)]).toEqual(["good", "bad", "neutral", "unknown"]);
});

test("only addresses of the web are links", () => {
  expect(safeAddress("https://example.org/a")).toBe("https://example.org/a");
  for (const bad of ["javascript:alert(1)", "data:text/html,x", "/here", null]) expect(safeAddress(bad)).toBeNull();
});

test("hours of one regime are one stretch, which a missing hour ends", () => {
  const hour = (ts: number, regime: string | null) => ({ ts: ts * 3_600_000, asset: "btc", regime });
  const runs = regimeRuns(columns([hour(0, "rising"), hour(1, "rising"), hour(3, "rising"), hour(4, null)]), "btc");
  expect(runs.map((run) => [run.from / 3_600, run.to / 3_600, run.regime])).toEqual([[0, 2, "rising"], [3, 4, "rising"], [4, 5, null]]);
});
