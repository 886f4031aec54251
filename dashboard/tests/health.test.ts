import { expect, test } from "vitest";
import { mean, minutesByDay, overdue, qualityLevel, toneOf, type Gap } from "../src/pages/health/judging";
import { lastDays } from "../src/ui/calendar";

const NOW = Date.parse("2026-11-30T12:00:00Z");

function latest(timeframe: string, ts: string) {
  return { venue: "v", symbol: "s", timeframe, ts, received_at: null };
}

test("a bar that is forming is early, and one bar late is allowed", () => {
  expect(overdue(latest("1h", "2026-11-30T12:00:00Z"), NOW)).toBe(-3_600_000);
  expect(toneOf(latest("1h", "2026-11-30T11:00:00Z"), NOW)).toBe("good");
  expect(toneOf(latest("1m", "2026-11-30T11:57:00Z"), NOW)).toBe("good");
  expect(toneOf(latest("1m", "2026-11-30T11:50:00Z"), NOW)).toBe("warn");
  expect(toneOf(latest("1m", "2026-11-30T11:30:00Z"), NOW)).toBe("bad");
  expect(toneOf(undefined, NOW)).toBe("none");
});

test("a gap over midnight counts on both days", () => {
  const gap = { venue: "v", symbol: "s", gap_start: "2026-11-28T23:50:00Z", gap_end: "2026-11-29T00:05:00Z" } as Gap;
  expect(Object.fromEntries(minutesByDay([gap, gap]).get("s v") ?? [])).toEqual({ "2026-11-28": 20, "2026-11-29": 10 });
});

test("days of a calendar end today", () => {
  expect(lastDays(NOW, 3)).toEqual(["2026-11-28", "2026-11-29", "2026-11-30"]);
});

test("quality has its steps where they matter, and a mean of nothing is nothing", () => {
  expect([100, 98, 95, 80, 20].map(qualityLevel)).toEqual([5, 4, 3, 2, 1]);
  expect(mean([null, 90, 100])).toBe(95);
  expect(mean([null])).toBeNull();
});
