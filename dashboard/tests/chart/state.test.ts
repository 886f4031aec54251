import { expect, test } from "vitest";
import { decimalsOf } from "../../src/pages/chart/precision";
import { isLate } from "../../src/pages/chart/standing";
import { DEFAULT_OVERLAYS, moment, stateOf, toggled, written } from "../../src/pages/chart/state";
import { unitsOf } from "../../src/pages/chart/all_shapes";

test("an address without parameters is the usual chart", () => {
  const state = stateOf(new URLSearchParams());
  expect([state.symbol, state.venue, state.timeframe, state.asOf, state.view]).toEqual(["BTC/USDT", "binance", "1h", null, null]);
  expect([...state.overlays]).toEqual([...DEFAULT_OVERLAYS]);
});

test("an address holds everything: it is written as it is read", () => {
  const text = "symbol=ETH/USDT&timeframe=5m&overlays=zones,walls&indicators=macd&as_of=2026-11-29T12:00:00Z&to=2026-11-29T13:00:00Z&bars=90";
  const state = stateOf(new URLSearchParams(text));
  expect([...state.overlays].sort()).toEqual(["walls", "zones"]);
  expect([...state.indicators]).toEqual(["macd"]);
  expect(moment(state.asOf ?? 0)).toBe("2026-11-29T12:00:00Z");
  expect(state.view).toEqual({ to: Date.UTC(2026, 10, 29, 13) / 1000, bars: 90 });
});

test("what an address gets wrong is left out, not guessed", () => {
  const state = stateOf(new URLSearchParams("timeframe=7m&overlays=nonsense&as_of=yesterday&bars=x"));
  expect([state.timeframe, state.asOf, state.view, state.overlays.size]).toEqual(["1h", null, null, 0]);
});

test("the usual choice needs no words, an empty one does", () => {
  expect(written(new Set(DEFAULT_OVERLAYS), DEFAULT_OVERLAYS)).toBeNull();
  expect(written(new Set(), DEFAULT_OVERLAYS)).toBe("none");
  expect(stateOf(new URLSearchParams("overlays=none")).overlays.size).toBe(0);
  expect([...toggled(new Set(["a", "b"]), "a")]).toEqual(["b"]);
});

test("a price axis shows the ticks that occur, of large and of tiny prices", () => {
  expect(decimalsOf([22_249.75, 22_213.7])).toBe(1);
  expect(decimalsOf([1.2345, 1.23])).toBe(4);
  expect(decimalsOf([0.00001234])).toBe(8);
  expect(decimalsOf([])).toBe(2);
});

test("bars are late a length and half a minute after the next one was due", () => {
  expect(isLate(0, 60, 149)).toBe(false);
  expect(isLate(0, 60, 151)).toBe(true);
});

test("units come from the unified symbol", () => {
  expect(unitsOf("BTC/USDT:USDT")).toEqual({ base: "BTC", quote: "USDT" });
});
