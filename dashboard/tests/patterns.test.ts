import { expect, test } from "vitest";
import { matrixOf } from "../src/pages/patterns/confluence";
import { standing } from "../src/pages/patterns/interval_plot";
import { placeOf, sideOf, tell, type Reason } from "../src/pages/patterns/reasons";

function reason(pattern: string, timeframe: string, direction = "bullish", family = "candlestick", confidence = 60): Reason {
  return { pattern, timeframe, direction, family, confidence };
}

test("reasons are sentences: each pattern once, with its timeframes, the longest first", () => {
  const counted = [
    reason("belt_hold", "5m"),
    reason("harami", "1h"),
    reason("belt_hold", "15m"),
    reason("hikkake", "1h", "bullish", "candlestick", 90),
    reason("spike", "15m", "bullish", "volume"),
    reason("doji_star", "5m", "bearish"),
  ];
  expect(tell({ counted, overridden: [reason("marubozu", "1m", "bearish")] }, "weak_buy")).toEqual({
    forIt: "hikkake and harami (1h); belt hold (15m, 5m); volume spike (15m)",
    against: "doji star (5m)",
    overruled: "marubozu (1m)",
  });
});

test("a sale is spoken for by what is bearish", () => {
  expect(tell({ counted: [reason("hammer", "1h", "bearish")] }, "strong_sell").forIt).toBe("hammer (1h)");
  expect(sideOf("strong_sell")).toBe("down");
  expect(sideOf("neutral")).toBe("none");
  expect(tell(null, "buy")).toEqual({ forIt: "", against: "", overruled: "" });
});

test("entry stands between stop and target, whichever is above", () => {
  expect(placeOf(100, 98, 104)).toBeCloseTo(1 / 3);
  expect(placeOf(100, 102, 96)).toBeCloseTo(1 / 3);
  expect(placeOf(90, 98, 104)).toBe(0);
});

test("an edge is claimed only where intervals are apart", () => {
  expect(standing(0.55, 0.65, 0.48, 0.52)).toBe("above");
  expect(standing(0.51, 0.65, 0.48, 0.52)).toBe("within");
  expect(standing(0.3, 0.4, 0.48, 0.52)).toBe("below");
  expect(standing(null, null, 0.48, 0.52)).toBe("unknown");
});

test("of each timeframe the newest lean counts, and old ones do not", () => {
  const at = Date.parse("2026-11-30T12:00:00Z");
  const lean = (timeframe: string, known_at: string, direction: string) => ({ venue: "v", symbol: "s", timeframe, known_at, direction, family: "candlestick", pattern: "hammer", grade: "weak", run: 1, overridden_by: null });
  const rows = [lean("1h", "2026-11-30T11:00:00Z", "bearish"), lean("1h", "2026-11-30T10:00:00Z", "bullish"), lean("5m", "2026-11-30T11:00:00Z", "bullish")];
  const matrix = matrixOf(rows, at);
  expect([...(matrix.get("v s")?.keys() ?? [])]).toEqual(["1h"]);
  expect(matrix.get("v s")?.get("1h")?.direction).toBe("bearish");
});
