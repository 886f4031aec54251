import { expect, test, vi } from "vitest";
import { Keys, PATIENCE } from "../src/ui/keys";

function made() {
  const keys = new Keys();
  const run = vi.fn();
  keys.add([
    { keys: "g m", meaning: "market", run },
    { keys: "m", meaning: "mark", run },
    { keys: "t", meaning: "theme", run },
  ]);
  return keys;
}

test("two keys are one shortcut, one alone is another", () => {
  const keys = made();
  expect(keys.stroke("g", 0)).toBeNull();
  expect(keys.stroke("m", 100)?.meaning).toBe("market");
  expect(keys.stroke("m", 200)?.meaning).toBe("mark");
});

test("a first key is forgotten after a while, and by a key that does not follow it", () => {
  const keys = made();
  keys.stroke("g", 0);
  expect(keys.stroke("m", PATIENCE + 1)?.meaning).toBe("mark");
  keys.stroke("g", 10_000);
  expect(keys.stroke("t", 10_100)?.meaning).toBe("theme");
});

test("a page's shortcuts come and go with it", () => {
  const keys = made();
  const forget = keys.add([{ keys: "t", meaning: "table", run: () => undefined }]);
  expect(keys.stroke("t", 0)?.meaning).toBe("table");
  expect(keys.all().filter((each) => each.keys === "t")).toHaveLength(1);
  forget();
  expect(keys.stroke("t", 0)?.meaning).toBe("theme");
});
