import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Asker, LONGEST_WAIT, waitAfter, type Resource } from "../src/api/asker";
import { Problem } from "../src/api/client";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function asking(answers: (number | Error)[], every: number | null = 1000) {
  const told: Resource<number>[] = [];
  const signals: AbortSignal[] = [];
  const question = (signal: AbortSignal) => {
    signals.push(signal);
    const next = answers.shift();
    return next instanceof Error ? Promise.reject(next) : Promise.resolve(next ?? 0);
  };
  const asker = new Asker<number>(question, { every }, (resource) => told.push(resource));
  asker.start();
  const last = () => told[told.length - 1];
  return { asker, told, signals, last };
}

const AWAY = new TypeError("fetch failed");

test("asks again at its pace and keeps the last data meanwhile", async () => {
  const { last } = asking([1, 2]);
  await vi.advanceTimersByTimeAsync(0);
  expect(last()).toMatchObject({ state: "ready", data: 1 });
  await vi.advanceTimersByTimeAsync(1000);
  expect(last()).toMatchObject({ state: "ready", data: 2 });
});

test("when the API is away data become stale, keep their time, and are asked for until it is back", async () => {
  const { last } = asking([1, AWAY, AWAY, 5]);
  await vi.advanceTimersByTimeAsync(0);
  const at = last()?.at;
  await vi.advanceTimersByTimeAsync(1000);
  expect(last()).toMatchObject({ state: "stale", data: 1, at, error: AWAY });
  await vi.advanceTimersByTimeAsync(waitAfter(1));
  expect(last()).toMatchObject({ state: "stale", data: 1, at });
  await vi.advanceTimersByTimeAsync(waitAfter(2));
  expect(last()).toMatchObject({ state: "ready", data: 5, error: null, retryAt: null });
});

test("waits grow and end growing", () => {
  expect([1, 2, 3, 4, 5, 60].map(waitAfter)).toEqual([1000, 2000, 4000, 8000, LONGEST_WAIT, LONGEST_WAIT]);
});

test("a refusal is shown and not repeated by itself, but on request", async () => {
  const refused = new Problem(422, "A parameter is wrong", "limit is from 1 to 20000", "limit");
  const { last, signals } = asking([refused, 3]);
  await vi.advanceTimersByTimeAsync(120_000);
  expect(last()).toMatchObject({ state: "failed", data: null, error: refused, retryAt: null });
  expect(signals).toHaveLength(1);
  last()?.again();
  await vi.advanceTimersByTimeAsync(0);
  expect(last()).toMatchObject({ state: "ready", data: 3 });
});

test("too many requests and broken servers pass", async () => {
  const { last } = asking([new Problem(429, "Too many", "", null), new Problem(503, "Starting", "", null), 4]);
  await vi.advanceTimersByTimeAsync(waitAfter(1) + waitAfter(2));
  expect(last()).toMatchObject({ state: "ready", data: 4 });
});

test("who stops calls off what is under way and hears nothing more", async () => {
  const { asker, told, signals } = asking([1]);
  asker.stop();
  await vi.advanceTimersByTimeAsync(5000);
  expect(signals[0]?.aborted).toBe(true);
  expect(told.map((each) => each.state)).toEqual(["loading"]);
});

test("asked once where there is no pace", async () => {
  const { signals } = asking([1, 2], null);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(signals).toHaveLength(1);
});
