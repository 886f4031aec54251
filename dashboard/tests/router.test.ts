import { expect, test } from "vitest";
import { hrefOf, parseRoute } from "../src/ui/router";

test("an address names a page and its parameters", () => {
  const route = parseRoute("#/chart?symbol=BTC%2FUSDT&timeframe=1h");
  expect(route.path).toBe("chart");
  expect(route.parameters.get("symbol")).toBe("BTC/USDT");
});

test("no address is the market", () => {
  expect(parseRoute("").path).toBe("market");
});

test("an address is a link that can be read", () => {
  expect(hrefOf("chart", { symbol: "BTC/USDT:USDT", venue: null })).toBe("#/chart?symbol=BTC/USDT:USDT");
  expect(parseRoute(hrefOf("x", { a: "b&c=d" })).parameters.get("a")).toBe("b&c=d");
  expect(hrefOf("market")).toBe("#/market");
});
