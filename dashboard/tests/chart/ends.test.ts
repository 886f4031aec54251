import { expect, test } from "vitest";
import { closeOf, smallOf } from "../../src/pages/chart/alike";
import { endsKnownAt } from "../../src/pages/chart/knowledge";
import { becameOf, type Became, type Signal } from "../../src/pages/chart/rows";
import { signalShapes } from "../../src/pages/chart/shapes_of";

const SIGNAL: Signal = {
  time: 3_600, knownAt: 7_200, signal: "buy", score: 60, confidence: 70, entry: 100, stop: 98, target: 104, rewardRisk: 2,
  expiresAt: 36_000, trigger: "hammer", counted: [], overridden: [],
};
const ENDED: Became = { time: 3_600, state: "stopped", closedAt: 14_400, exit: 98, bars: 2, net: -2.12 };

test("a signal that ended shows where, how and with what, and its boxes end there", () => {
  const shapes = signalShapes(SIGNAL, 3_600, "USDT", false, ENDED);
  const end = shapes.find((each) => each.kind === "bubble");
  expect(end).toMatchObject({ tone: "bad", label: "stopped −2.12 %", at: { time: 10_800, price: 98 } });
  expect(shapes.filter((each) => each.kind === "area").every((each) => each.to === 14_400)).toBe(true);
  expect(end?.words?.at(-1)).toBe("Ended after 2 bars, its stop was touched first, at 98.0000 USDT: −2.12 % after costs");
});

test("one that is open has no end", () => {
  expect(signalShapes(SIGNAL, 3_600, "USDT", true).some((each) => each.kind === "bubble")).toBe(false);
});

test("before its end nobody knew it", () => {
  const open: Became = { ...ENDED, time: 1, state: "open", closedAt: null, exit: null };
  expect([...endsKnownAt([ENDED, open], null).keys()]).toEqual([3_600]);
  expect(endsKnownAt([ENDED], 14_399).size).toBe(0);
  expect(endsKnownAt([ENDED], 14_400).size).toBe(1);
});

test("rows of what became of signals are read", () => {
  const answer = { rows: 1, next: null, columns: { ts: ["2026-11-30T12:00:00Z"], state: ["target"], closed_at: ["2026-11-30T14:00:00Z"], exit: [104], bars: [2], net_pct: [3.9] } };
  expect(becameOf(answer)[0]).toMatchObject({ state: "target", exit: 104, net: 3.9, bars: 2 });
});

test("a small picture goes on from where the window ends", () => {
  const small = smallOf([0, 2, 1, 3], 3, 5, 100, 20);
  expect(small.edge).toBe(50);
  expect(small.window.split(" ")).toHaveLength(3);
  expect(small.after.split(" ")).toHaveLength(2);
  expect(small.after.startsWith(small.window.split(" ")[2] ?? "none")).toBe(true);
  expect(smallOf([1, 1], 1, 2, 100, 20).window).toBe("0.0,2.0");
});

test("bars are looked for as of the close of the last one", () => {
  expect(closeOf(Date.parse("2026-11-30T12:00:00Z") / 1_000, 3_600)).toBe("2026-11-30T13:00:00Z");
});
