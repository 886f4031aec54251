import { expect, test } from "vitest";
import { parseRoute } from "../src/ui/router";

test("an address names a page and its parameters", () => {
  const route = parseRoute("#/chart?symbol=BTC%2FUSDT&timeframe=1h");
  expect(route.path).toBe("chart");
  expect(route.parameters.get("symbol")).toBe("BTC/USDT");
});

test("no address is the market", () => {
  expect(parseRoute("").path).toBe("market");
});
