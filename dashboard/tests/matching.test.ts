import { expect, test } from "vitest";
import { MEANT, distance, matches } from "../src/ui/matching";

const ALL = ["BTC/USDT", "ETH/USDT", "SOL/USDT", "BTC/USD", "WBTC/BTC", "DOGE/USDT"].flatMap((symbol) =>
  ["binance", "bybit"].map((venue) => ({ symbol, venue })),
);

function best(typed: string): string[] {
  return matches(ALL, typed).map((match) => `${match.item.symbol} ${match.item.venue}`);
}

test("the whole name is first, then the base, then what holds it", () => {
  expect(best("btcusdt")[0]).toBe("BTC/USDT binance");
  expect(best("btc").slice(0, 4)).toEqual(["BTC/USD binance", "BTC/USD bybit", "BTC/USDT binance", "BTC/USDT bybit"]);
  expect(best("btc").at(-1)).toBe("WBTC/BTC bybit");
});

test("a second word is the venue", () => {
  expect(best("eth byb")).toEqual(["ETH/USDT bybit"]);
});

test("what was mistyped is guessed, and only then", () => {
  const guessed = matches(ALL, "DOEG");
  expect(guessed[0]?.item.symbol).toBe("DOGE/USDT");
  expect(guessed[0]?.rank).toBeGreaterThanOrEqual(MEANT);
  expect(matches(ALL, "zzzz")).toEqual([]);
});

test("a swap is one step", () => {
  expect(distance("DOEG", "DOGE")).toBe(1);
  expect(distance("BTC", "ETHUSDT")).toBeGreaterThan(3);
});
