import { describe, expect, test } from "vitest";
import * as format from "../src/ui/format";

const NOW = Date.parse("2026-11-30T12:00:00Z");

describe("prices keep their width while they move", () => {
  test.each([
    [63512.4, "63,512.4"],
    [63512, "63,512.0"],
    [2211.5, "2,211.50"],
    [1.5, "1.5000"],
    [0.5, "0.500000"],
    [0.00001234, "0.0000123400"],
    [0, "0.00"],
    [-1234.5, "−1,234.50"],
  ])("%s", (value, text) => expect(format.price(value)).toBe(text));
});

test("what is not known is a dash, never zero", () => {
  for (const of of [format.price, format.number, format.count, format.compact, format.percent, format.basisPoints, format.duration]) {
    expect(of(null)).toBe("–");
    expect(of(undefined)).toBe("–");
    expect(of(Number.NaN)).toBe("–");
  }
  expect(format.age(null, NOW)).toBe("–");
  expect(format.time("not a time", NOW)).toBe("–");
});

test("numbers have six significant digits at most", () => {
  expect(format.number(299.75048000000004)).toBe("299.75");
  expect(format.number(0.9777777777777777, 3)).toBe("0.978");
  expect(format.number(123456789)).toBe("123,456,789");
});

test("large quantities have three digits and a letter", () => {
  expect(format.compact(1234567)).toBe("1.23M");
  expect(format.compact(45600)).toBe("45.6k");
  expect(format.compact(999_999)).toBe("1.00M");
  expect(format.compact(123)).toBe("123");
  expect(format.compact(0)).toBe("0");
  expect(format.compact(-2.5e9)).toBe("−2.50B");
});

test("shares are signed per cent, and a change of nothing has no sign", () => {
  expect(format.percent(0.0123)).toBe("+1.23 %");
  expect(format.percent(-0.5, 0)).toBe("−50 %");
  expect(format.percent(0.000001)).toBe("0.00 %");
  expect(format.share(0.974)).toBe("97 %");
  expect(format.basisPoints(0.00012)).toBe("+1.2 bp");
  expect(format.arrow(0.1) + format.arrow(-0.1) + format.arrow(0)).toBe("▲▼");
});

test("lengths of time are two units at most", () => {
  const second = 1000;
  expect(format.duration(250)).toBe("250 ms");
  expect(format.duration(59.9 * second)).toBe("59 s");
  expect(format.duration(125 * 60 * second)).toBe("2 h 5 min");
  expect(format.duration(76 * 3600 * second)).toBe("3 d 4 h");
  expect(format.duration(40 * 86400 * second)).toBe("40 d");
});

test("an age counts from now, and a clock ahead is not the past", () => {
  expect(format.age("2026-11-30T11:59:57Z", NOW)).toBe("3 s");
  expect(format.age("2026-11-30T12:00:09Z", NOW)).toBe("now");
});

test("times are UTC and as short as they can be", () => {
  expect(format.time("2026-11-30T09:05:09Z", NOW)).toBe("09:05:09");
  expect(format.time("2026-11-29T23:05:09Z", NOW)).toBe("11-29 23:05");
  expect(format.time("2025-11-29T23:05:09Z", NOW)).toBe("2025-11-29");
  expect(format.fullTime("2026-11-29T23:05:09+01:00")).toBe("2026-11-29 22:05:09 UTC");
});

test("words of the database are words of a sentence", () => {
  expect(format.title("HEAD_AND_SHOULDERS")).toBe("Head and shoulders");
});
