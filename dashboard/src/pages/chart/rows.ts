import { type Columns, rowsOf } from "../../api/client";
import { seconds } from "../../charts/bars";

import type { Became, Candlestick, ChartPattern, Direction, Gap, Outcome, Profile, Reason, Signal, VolumePattern, Wall, Whale, Zone } from "./row_types";

export type * from "./row_types";

type Raw = Readonly<Record<string, unknown>>;

function number(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** JSON comes as it is or as text. */
function json(value: unknown): Raw {
  if (typeof value !== "string") return (value ?? {}) as Raw;
  try {
    return (JSON.parse(value) ?? {}) as Raw;
  } catch {
    return {};
  }
}

function list(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  const read = typeof value === "string" ? json(value) : null;
  return Array.isArray(read) ? read : [];
}

/** Rows that `read` can make something of, in order of time. Rows without their times are left out. */
function read<Row>(answer: Columns, row: (raw: Raw) => Row | null): Row[] {
  return rowsOf<Raw>(answer).map(row).filter((each) => each !== null);
}

const byTime = (a: { time: number }, b: { time: number }) => a.time - b.time;

export function candlesticksOf(answer: Columns): Candlestick[] {
  return read(answer, (raw) => {
    const time = seconds(raw["ts"]);
    if (time === null) return null;
    return {
      time,
      knownAt: seconds(raw["known_at"]) ?? time,
      beganAt: seconds(raw["began_at"]) ?? time,
      pattern: text(raw["pattern"]) ?? "",
      direction: direction(raw),
      nature: text(raw["nature"]),
      strength: number(raw["strength"]) ?? 0,
      unbroken: raw["unbroken"] !== false,
    };
  }).sort(byTime);
}

export function chartPatternsOf(answer: Columns): ChartPattern[] {
  return read(answer, (raw) => {
    const time = seconds(raw["ts"]);
    const id = number(raw["pattern_id"]);
    if (time === null || id === null) return null;
    const detail = json(raw["detail"]);
    const prices = list(raw["pivot_prices"]);
    return {
      id,
      time,
      knownAt: seconds(raw["known_at"]) ?? time,
      pattern: text(raw["pattern"]) ?? "",
      direction: direction(raw),
      stage: text(raw["stage"]) ?? "",
      completion: number(raw["completion"]),
      breakout: number(raw["breakout_level"]),
      target: number(raw["target"]),
      invalidation: number(raw["invalidation"]),
      quality: number(raw["quality"]),
      pivots: list(raw["pivot_ts"]).flatMap((moment, place) => point(moment, prices[place])),
      lines: Object.entries(json(raw["lines"])).flatMap(([name, line]) => {
        const [t0, p0, t1, p1] = list(line);
        const [from, to] = [point(t0, p0)[0], point(t1, p1)[0]];
        return from === undefined || to === undefined ? [] : [{ name, from, to }];
      }),
      expires: seconds(detail["expires"]),
      reason: text(detail["reason"]),
    };
  }).sort(byTime);
}

function point(moment: unknown, price: unknown): { time: number; price: number }[] {
  const time = seconds(moment);
  const height = number(price);
  return time === null || height === null ? [] : [{ time, price: height }];
}

function direction(raw: Raw): Direction {
  const told = raw["direction"];
  return told === "bullish" || told === "bearish" ? told : "neutral";
}

export function signalsOf(answer: Columns): Signal[] {
  return read(answer, (raw) => {
    const time = seconds(raw["ts"]);
    if (time === null) return null;
    const reasons = json(raw["reasons"]);
    return {
      time,
      knownAt: seconds(raw["known_at"]) ?? time,
      signal: text(raw["signal"]) ?? "neutral",
      score: number(raw["score"]),
      confidence: number(raw["confidence"]),
      entry: number(raw["entry"]),
      stop: number(raw["stop"]),
      target: number(raw["target"]),
      rewardRisk: number(raw["reward_risk"]),
      expiresAt: seconds(raw["expires_at"]),
      trigger: text(raw["trigger"]),
      counted: list(reasons["counted"]) as readonly Reason[],
      overridden: list(reasons["overridden"]) as readonly Reason[],
    };
  }).sort(byTime);
}

export function becameOf(answer: Columns): Became[] {
  return read(answer, (raw) => {
    const time = seconds(raw["ts"]);
    if (time === null) return null;
    return {
      time,
      state: text(raw["state"]) ?? "open",
      closedAt: seconds(raw["closed_at"]),
      exit: number(raw["exit"]),
      bars: number(raw["bars"]),
      net: number(raw["net_pct"]),
    };
  }).sort(byTime);
}

export function volumePatternsOf(answer: Columns): VolumePattern[] {
  return read(answer, (raw) => {
    const time = seconds(raw["ts"]);
    if (time === null) return null;
    const detail = json(raw["detail"]);
    return {
      time,
      knownAt: seconds(raw["known_at"]) ?? time,
      pattern: text(raw["pattern"]) ?? "",
      direction: direction(raw),
      strength: text(raw["strength"]) ?? "",
      confidence: number(raw["confidence"]),
      ratio: number(raw["volume_ratio"]),
      level: number(detail["level"]),
    };
  }).sort(byTime);
}

export function gapsOf(answer: Columns): Gap[] {
  return read(answer, (raw) => {
    const from = seconds(raw["gap_start"]);
    const to = seconds(raw["gap_end"]);
    if (from === null || to === null) return null;
    return {
      from,
      to,
      minutes: number(raw["minutes"]) ?? Math.round((to - from) / 60),
      state: text(raw["state"]) ?? "detected",
      detectedAt: seconds(raw["detected_at"]) ?? to,
      repairedAt: seconds(raw["repaired_at"]),
      verifiedAt: seconds(raw["verified_at"]),
      reason: text(raw["reason"]),
    };
  });
}

export function whalesOf(answer: Columns): Whale[] {
  return read(answer, (raw) => {
    const time = seconds(raw["ts"]);
    const price = number(raw["price"]);
    if (time === null || price === null || raw["kind"] !== "large_trade") return null;
    return {
      time,
      knownAt: seconds(raw["known_at"]) ?? time,
      side: raw["side"] === "ask" ? ("ask" as const) : ("bid" as const),
      price,
      size: number(raw["size"]) ?? 0,
      notional: number(raw["notional"]) ?? 0,
    };
  }).sort(byTime);
}

export function wallsOf(answer: Columns): Wall[] {
  return read(answer, (raw) => {
    const from = seconds(raw["appeared_at"]);
    const price = number(raw["price"]);
    if (from === null || price === null) return null;
    return {
      from,
      to: seconds(raw["ended_at"]),
      knownAt: seconds(raw["known_at"]) ?? from,
      endKnownAt: seconds(raw["end_known_at"]),
      side: raw["side"] === "ask" ? ("ask" as const) : ("bid" as const),
      price,
      notional: number(raw["peak_notional"]),
      outcome: text(raw["outcome"]) ?? "open",
      spoof: raw["suspected_spoof"] === true,
    };
  });
}

/** The zones of the newest reading of an answer. */
export function zonesOf(answer: Columns): Zone[] {
  const zones = read<Zone>(answer, (raw) => {
    const time = seconds(raw["ts"]);
    const [price, low, high] = [number(raw["price"]), number(raw["low"]), number(raw["high"])];
    if (time === null || price === null || low === null || high === null) return null;
    return {
      time,
      side: raw["side"] === "support" ? "support" : "resistance",
      price,
      low,
      high,
      notional: number(raw["notional"]) ?? 0,
      strength: number(raw["strength"]) ?? 0,
      since: seconds(raw["since"]) ?? time,
      touches: number(raw["touches"]) ?? 0,
    };
  });
  const newest = Math.max(...zones.map((zone) => zone.time));
  return zones.filter((zone) => zone.time === newest);
}

export function profilesOf(answer: Columns): Profile[] {
  return read(answer, (raw) => {
    const from = seconds(raw["day"]);
    const width = number(raw["bin_width"]);
    if (from === null || width === null) return null;
    return {
      from,
      poc: number(raw["poc"]),
      low: number(raw["value_area_low"]),
      high: number(raw["value_area_high"]),
      width,
      prices: list(raw["bin_prices"]) as readonly number[],
      volumes: list(raw["bin_volumes"]) as readonly number[],
    };
  });
}

export function outcomesOf(answer: Columns): Outcome[] {
  return read(answer, (raw) => {
    const time = seconds(raw["ts"]);
    const horizon = number(raw["horizon"]);
    if (time === null || horizon === null) return null;
    return {
      time,
      family: text(raw["family"]) ?? "",
      pattern: text(raw["pattern"]) ?? "",
      horizon,
      directed: number(raw["directed_pct"]),
      firstTouch: text(raw["first_touch"]),
      reference: raw["reference"] === null || raw["reference"] === undefined ? null : String(raw["reference"]),
    };
  });
}
