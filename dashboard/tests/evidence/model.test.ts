import { expect, test } from "vitest";
import { pathOf } from "../../src/api/named";
import { wordsOf } from "../../src/pages/evidence/diagram";
import { curveOf, extentOf, type Level, scoresOf, verdictOf } from "../../src/pages/evidence/model";
import { newestOf } from "../../src/pages/evidence/models";
import { placesOf, stateTone } from "../../src/pages/evidence/outcomes";
import { gradesOf, rankOf } from "../../src/pages/patterns/grades";
import { drawingOf, signalId } from "../../src/ui/one_picture";

function level(score: string, place: number, right: number, more: Partial<Level> = {}): Level {
  return {
    timeframe: "15m", score, horizon: 10, level: `level ${place}`, place, evidence: 100, clusters: 80, mean_score: place * 20,
    right_share: right, right_low: right - 0.05, right_high: right + 0.05, paid_share: null, base_rate: 0.5,
    walk_right: 0.5, walk_low: 0.48, walk_high: 0.52, slope: -0.02, increasing: false, note: "It falls.", as_of: "2026-11-30T00:00:00Z", ...more,
  };
}

test("scores come in their order, their levels from the lowest, without those that have no level", () => {
  const scores = scoresOf([level("boosted", 1, 0.5), level("confidence", 2, 0.4), level("confidence", 1, 0.5), level("confidence", 0, 0.9)]);
  expect(scores.map((each) => [each.score, each.steps.map((step) => step.right)])).toEqual([
    ["confidence", [0.5, 0.4]],
    ["boosted", [0.5]],
  ]);
  expect(scores[0]?.note).toBe("It falls.");
});

test("only a score that was seen to rise is recommended, and little knowledge is told as such", () => {
  expect(verdictOf(true, 0.02).verdict).toBe("rises with its level");
  expect(verdictOf(false, -0.02).verdict).toContain("do not rank by it");
  expect(verdictOf(false, 0.001).verdict).toBe("not seen to rise");
  expect(verdictOf(null, null).verdict).toBe("too little is known");
});

test("the axis holds every interval and the half, in steps of five per cent", () => {
  const [score] = scoresOf([level("confidence", 1, 0.38)]);
  expect(extentOf(score?.steps ?? [])).toEqual({ from: 0.3, to: 0.55 });
  expect(wordsOf(score!.steps[0]!)).toBe("level 1: 38.0 % right (95 %: 33.0 % to 43.0 %), 80 stretches of time; random walks 50.0 %");
});

test("a model's curve is read whether it is text or rows, and what is none is none", () => {
  const rows = [{ said: 0.4, right: 0.41, low: 0.35, high: 0.47, clusters: 30 }, { right: 1 }];
  expect(curveOf(JSON.stringify(rows))).toHaveLength(1);
  expect(curveOf(rows)[0]).toMatchObject({ said: 0.4, right: 0.41, name: "40.0 %" });
  expect(curveOf("{")).toEqual([]);
  expect(curveOf(null)).toEqual([]);
});

test("of each horizon the newest card is shown", () => {
  const card = (horizon: number, known_at: string) => ({ horizon, known_at }) as Parameters<typeof newestOf>[0][number];
  const shown = newestOf([card(20, "2026-11-02T00:00:00Z"), card(10, "2026-11-01T00:00:00Z"), card(10, "2026-11-03T00:00:00Z")]);
  expect(shown.map((each) => [each.horizon, each.known_at.slice(8, 10)])).toEqual([[10, "03"], [20, "02"]]);
});

test("a reading that the API has not is told from one that it has", () => {
  const catalogue = { readings: [{ name: "signals", path: "/api/v1/signals" }] };
  expect(pathOf(catalogue, "signals")).toBe("signals");
  expect(pathOf(catalogue, "model_cards")).toBeNull();
});

test("a signal's id is that of the database", () => {
  const row = { venue: "binance", symbol: "BTC/USDT:USDT", timeframe: "1h", ts: "2026-11-30T12:00:00Z" };
  expect(signalId(row)).toBe("binance/BTC-USDT:USDT/1h/2026-11-30T12:00Z");
});

test("signals rank by probability over what pays; those without one come last", () => {
  const ts = "2026-11-30T12:00:00Z";
  const grades = gradesOf({ rows: 1, next: null, columns: { venue: ["v"], symbol: ["A/B"], timeframe: ["1h"], ts: [ts], probability: [0.52], break_even: [0.5], grade: ["B"] } });
  const grade = grades.get(signalId({ venue: "v", symbol: "A/B", timeframe: "1h", ts }));
  expect(grade?.grade).toBe("B");
  expect(rankOf({ score: 40 }, grade)).toBeGreaterThan(rankOf({ score: 99 }, undefined));
  expect(rankOf({ score: 99 }, undefined)).toBeGreaterThan(rankOf({ score: 40 }, undefined));
});

test("returns lie around 0, which is always on the axis", () => {
  const at = placesOf([0.5, 1, null]);
  expect(at(0)).toBeGreaterThan(0);
  expect(at(1)).toBeLessThan(1);
  expect(at(0.5)).toBeCloseTo((at(0) + at(1)) / 2);
  expect(stateTone("stopped")).toBe("bad");
  expect(stateTone("anything")).toBe("none");
});

test("a picture keeps neither the styles nor the scripts of its file", () => {
  const [svg] = drawingOf('<svg xmlns="http://www.w3.org/2000/svg"><style>a{}</style><script>1</script><circle r="2"/></svg>');
  expect(svg?.querySelectorAll("style, script")).toHaveLength(0);
  expect(svg?.querySelectorAll("circle")).toHaveLength(1);
  expect(drawingOf("<html></html>")).toEqual([]);
});
