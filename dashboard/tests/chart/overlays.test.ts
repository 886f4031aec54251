import { expect, test } from "vitest";
import { type Columns, Problem, type Question } from "../../src/api/client";
import { askOverlays } from "../../src/pages/chart/overlays";
import { stateOf } from "../../src/pages/chart/state";

const NOTHING: Columns = { columns: {}, rows: 0, next: null };
const STRETCH = { from: 1_000_000, to: 2_000_000 };
const asked = (text: string, answer: (path: string, question: Question) => Promise<Columns>) =>
  askOverlays(answer, stateOf(new URLSearchParams(text)), STRETCH, new AbortController().signal);

test("one overlay that fails leaves the others whole, and says why", async () => {
  const { rows, told } = await asked("overlays=signals,gaps", async (path) => {
    if (path === "signals") throw new Error("the database is away");
    return { columns: { gap_start: [1_000], gap_end: [61_000], state: ["detected"], detected_at: [70_000] }, rows: 1, next: null };
  });
  expect(told.get("signals")).toEqual({ error: "the database is away" });
  expect(told.get("gaps")).toEqual({ count: 1 });
  expect(rows.gaps[0]).toMatchObject({ from: 1, to: 61, minutes: 1 });
});

test("only what is on is asked for", async () => {
  const paths: string[] = [];
  await asked("overlays=walls", async (path) => {
    paths.push(path);
    return NOTHING;
  });
  expect(paths).toEqual(["whales/walls"]);
});

test("a moment of the past goes into every question; what has no such time is asked without", async () => {
  const questions: Question[] = [];
  const { told } = await asked("overlays=zones,walls&as_of=2026-11-29T00:00:00Z", async (path, question) => {
    questions.push({ path, ...question });
    if (path === "whales/walls" && question["as_of"] !== undefined) throw new Problem(422, "refused", "no such time", "as_of");
    return NOTHING;
  });
  expect(questions.map((each) => [each["path"], each["as_of"] ?? null])).toEqual([
    ["whales/walls", "2026-11-29T00:00:00Z"],
    ["liquidity/zones", "2026-11-29T00:00:00Z"],
    ["whales/walls", null],
  ]);
  expect(told.get("walls")).toEqual({ count: 0 });
});

test("what came of candlestick and of volume patterns is asked by family and kept together", async () => {
  const { rows } = await asked("overlays=candlesticks,volume", async (path, question) =>
    path === "patterns/outcomes"
      ? { columns: { ts: [0], family: [question["family"]], pattern: ["p"], horizon: [5], directed_pct: [1] }, rows: 1, next: null }
      : NOTHING,
  );
  expect(rows.outcomes.map((each) => each.family).sort()).toEqual(["candlestick", "volume"]);
});
