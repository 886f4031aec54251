import { expect, test } from "vitest";
import { type Columns, Problem, type Question } from "../../src/api/client";
import { Feed } from "../../src/pages/chart/feed";
import { IndicatorValues, linesOf } from "../../src/pages/chart/lines_of";
import { stateOf } from "../../src/pages/chart/state";

const OWN = [
  { name: "ema_34", unit: "price", description: "EMA." },
  { name: "rsi_7", unit: "0..100", description: "RSI." },
];
const SERIES: Columns = { rows: 2, next: null, columns: { ts: ["1970-01-01T01:00:00Z", "1970-01-01T01:00:00Z"], indicator: ["ema_34", "rsi_7"], value: [101.5, 44] } };

test("indicators of own parameters lie on the price or in panes of their own, after the usual ones", () => {
  const values = new IndicatorValues();
  values.addSeries(SERIES);
  const lines = linesOf(new Set(["rsi"] as const), values, 2, OWN);
  expect(lines.map((each) => [each.title, each.pane, each.valueAt(3_600)])).toEqual([
    ["RSI 14", 2, null],
    ["ema 34", 0, 101.5],
    ["rsi 7", 3, 44],
  ]);
});

test("the address names them, and they are asked by name beside the bars", async () => {
  const state = stateOf(new URLSearchParams("own=ema_34,rsi_7&indicators=none"));
  const asked: Question[] = [];
  const bars: Columns = { rows: 1, next: null, columns: { ts: ["1970-01-01T01:00:00Z"], open: [1], high: [1], low: [1], close: [1], volume: [1] } };
  const answer = async (path: string, question: Question) => {
    asked.push({ path, ...question });
    return path === "candles" ? bars : SERIES;
  };
  const feed = new Feed(answer, state, () => undefined, () => 10_000);
  await feed.begin();
  expect(asked.map((each) => each["path"])).toEqual(["candles", "indicators/series"]);
  expect(asked[1]).toMatchObject({ indicator: "ema_34,rsi_7" });
  expect(feed.values.at("ema_34", 3_600)).toBe(101.5);
});

test("an older API without them has its bars all the same", async () => {
  const bars: Columns = { rows: 1, next: null, columns: { ts: ["1970-01-01T01:00:00Z"], open: [1], high: [1], low: [1], close: [1], volume: [1] } };
  const answer = async (path: string) => {
    if (path !== "candles") throw new Problem(404, "Not Found", "there is nothing", null);
    return bars;
  };
  const feed = new Feed(answer, stateOf(new URLSearchParams("own=ema_34&indicators=none")), () => undefined, () => 10_000);
  await feed.begin();
  expect(feed.trouble).toBeNull();
  expect(feed.bars).toHaveLength(1);
});
