import { expect, test } from "vitest";
import { breadth, trustOf, type Overview } from "../src/pages/market/rows";
import { sparkPath } from "../src/ui/sparkline";
import { marketHealth } from "../src/ui/freshness";

const NOW = Date.parse("2026-11-30T12:00:00Z");

function row(changes: Partial<Overview>): Overview {
  const known = { venue: "binance", symbol: "BTC/USDT", fresh_until: "2026-11-30T11:59:00Z", open_gaps: 0, missing_minutes: 0, quality: 99, quality_day: "2026-11-29", book_state: "synced", book_trusted: true, problem: null, change_24h: 0 };
  return { ...known, ...changes } as Overview;
}

test("fresh, whole and proven is well, and says so", () => {
  const trust = trustOf(row({}), NOW);
  expect(trust.tone).toBe("good");
  expect(trust.reasons).toEqual(["candles are fresh", "no open gaps", "the order book is proven", "quality 99.0 of 100 on 2026-11-29"]);
});

test.each([
  [{ fresh_until: "2026-11-30T11:50:00Z" }, "warn", "the newest candle closed 10 min ago"],
  [{ fresh_until: "2026-11-30T11:30:00Z" }, "bad", "no candle for 30 min"],
  [{ fresh_until: null }, "bad", "there are no candles yet"],
  [{ problem: "delisted" }, "bad", "the venue says: delisted"],
  [{ open_gaps: 2, missing_minutes: 7 }, "warn", "2 open gaps, 7 minutes missing"],
  [{ book_trusted: false, book_state: "resyncing" }, "warn", "the order book cannot be trusted: resyncing"],
  [{ quality: 80 }, "warn", "quality 80.0 of 100 on 2026-11-29"],
] as const)("%o is %s", (changes, tone, reason) => {
  const trust = trustOf(row(changes), NOW);
  expect(trust.tone).toBe(tone);
  expect(trust.reasons[0]).toBe(reason);
});

test("no order book is no reproach", () => {
  expect(trustOf(row({ book_state: null, book_trusted: null }), NOW).tone).toBe("good");
});

test("breadth leaves out what is not known", () => {
  expect(breadth([row({ change_24h: 0.1 }), row({ change_24h: -0.1 }), row({ change_24h: null }), row({})])).toEqual({ up: 1, down: 1, flat: 1 });
});

test("a hole in a sparkline stays a hole", () => {
  expect(sparkPath([1, 2, null, 3, 4], 40, 20).match(/M/g)).toHaveLength(2);
  expect(sparkPath([null, null, 1], 40, 20)).toBe("");
  expect(sparkPath([5, 5], 40, 20)).toContain("L");
});

test("the status bar tells of the worst", () => {
  const of = (...newest: (string | null)[]) =>
    marketHealth({ columns: { venue: newest.map(() => "v"), symbol: newest.map(() => "s"), newest }, rows: newest.length, next: null }, NOW);
  expect(marketHealth(null, NOW)).toBeNull();
  expect(of()?.text).toBe("No symbol is tracked");
  expect(of("2026-11-30T11:58:00Z")).toMatchObject({ tone: "good", text: "1 symbols fresh" });
  expect(of("2026-11-30T11:58:00Z", "2026-11-30T11:50:00Z")).toMatchObject({ tone: "warn", text: "1 of 2 symbols late" });
  expect(of(null, "2026-11-30T10:50:00Z")).toMatchObject({ tone: "bad", text: "2 of 2 symbols late" });
});
