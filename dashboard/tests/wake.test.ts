import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Throttle } from "../src/live/wake";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("news in a row are one question, and the last of them is not lost", async () => {
  const run = vi.fn();
  const throttle = new Throttle(run, 1000);
  throttle.call();
  throttle.call();
  await vi.advanceTimersByTimeAsync(0);
  expect(run).toHaveBeenCalledTimes(1);
  throttle.call();
  throttle.call();
  await vi.advanceTimersByTimeAsync(999);
  expect(run).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(run).toHaveBeenCalledTimes(2);
  throttle.call();
  throttle.stop();
  await vi.advanceTimersByTimeAsync(5000);
  expect(run).toHaveBeenCalledTimes(2);
});
