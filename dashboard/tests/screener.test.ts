import { expect, test } from "vitest";
import { expressionOf } from "../src/pages/alerts/expressions";
import { FIELDS } from "../src/pages/market/fields";
import { RuleError, fits, parseRule, parseRules, printRule, printRules, questionsOf, slot, type Known } from "../src/pages/market/rules";

test.each(["rsi_14 < 30 on 1h", "trend = up on 4h", "ema_20 > ema_50 on 1d", "change_24h >= -5", "signal != strong_sell on 15m"])("%s is read as it is printed", (text) =>
  expect(printRule(parseRule(text))).toBe(text),
);

test("short forms mean the same", () => {
  expect(printRule(parseRule("RSI_14<30@1h"))).toBe("rsi_14 < 30 on 1h");
  expect(printRule(parseRule("rsi_14 < 30"))).toBe("rsi_14 < 30 on 1h");
  expect(printRule(parseRule("change_24h > 5 %"))).toBe("change_24h > 5");
});

test.each([
  ["rsi_41 < 30", "did you mean rsi_14"],
  ["rsi_14 below 30", "is no rule"],
  ["trend > up", "compared by = or !="],
  ["trend = sideways on 1h", "one of up, range, down"],
  ["change_24h > 5 on 1h", "is of now"],
  ["rsi_14 < 30 on 2h", "there is no timeframe 2h"],
  ["rsi_14 < sentiment on 1h", "with a number or with another indicator"],
])("%s is refused, saying why", (text, why) => {
  expect(() => parseRule(text)).toThrow(RuleError);
  expect(() => parseRule(text)).toThrow(why);
});

test("an address keeps the rules that can be read and tells of the others", () => {
  const { rules, refused } = parseRules("rsi_14 < 30 on 1h; nonsense; trend = up on 4h;");
  expect(printRules(rules)).toBe("rsi_14 < 30 on 1h; trend = up on 4h");
  expect(refused).toHaveLength(1);
});

test("rules of one source and timeframe are one question for all symbols", () => {
  const { rules } = parseRules("rsi_14 < 30 on 1h; adx_14 > 25 on 1h; ema_20 > ema_50 on 4h; change_24h > 1; trend = up on 1h");
  expect(questionsOf(rules)).toEqual([
    { source: "indicators", timeframe: "1h", path: "indicators/now", fields: "venue,symbol,rsi_14,adx_14" },
    { source: "indicators", timeframe: "4h", path: "indicators/now", fields: "venue,symbol,ema_20,ema_50" },
    { source: "regimes", timeframe: "1h", path: "regimes/now", fields: "venue,symbol,trend" },
  ]);
});

const KNOWN: Known = {
  overview: { change_24h: 0.07, funding_rate: null },
  slots: new Map([
    [slot("indicators", "1h"), [{ rsi_14: 25, ema_20: 11, ema_50: 10 }]],
    [slot("patterns", "1h"), [{ pattern: "double_top" }, { pattern: "bull_flag" }]],
  ]),
};

test.each([
  ["rsi_14 < 30 on 1h", true],
  ["rsi_14 < 25 on 1h", false],
  ["rsi_14 <= 25 on 1h", true],
  ["change_24h > 5", true],
  ["change_24h > 8", false],
  ["ema_20 > ema_50 on 1h", true],
  ["ema_20 < ema_50 on 1h", false],
  ["chart_pattern = bull_flag on 1h", true],
  ["chart_pattern = rectangle on 1h", false],
])("%s: %s", (text, holds) => expect(fits(parseRule(text), KNOWN)).toBe(holds));

test("what is not known fits nothing, neither above nor below", () => {
  expect(fits(parseRule("funding > 0"), KNOWN)).toBe(false);
  expect(fits(parseRule("funding <= 0"), KNOWN)).toBe(false);
  expect(fits(parseRule("rsi_14 < 30 on 4h"), KNOWN)).toBe(false);
});

test("a filter becomes an alert rule in the rule's own language and units", () => {
  const { rules } = parseRules("rsi_14 < 30 on 1h; trend = up on 4h; funding > 1; oi_change_24h > 5; ema_20 > ema_50 on 1d; quality < 90");
  expect(expressionOf(rules)).toEqual({
    expression: 'rsi_14[1h] < 30 and trend[4h] = "up" and funding.rate > 0.0001 and open_interest.change_24h > 0.05 and ema_20[1d] > ema_50[1d]',
    left: ["quality"],
  });
});

test("every field says what it is", () => {
  for (const field of FIELDS) expect(field.about.length, field.name).toBeGreaterThan(5);
  expect(new Set(FIELDS.map((field) => field.name)).size).toBe(FIELDS.length);
});
