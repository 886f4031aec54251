/** Why a signal stands, as sentences: pure. */
import { words } from "../../ui/format";

export interface Reason {
  readonly family: string;
  readonly pattern: string;
  readonly direction: string;
  readonly timeframe: string;
  readonly confidence: number | null;
  readonly known_at?: string;
}

export interface Reasons {
  readonly counted?: readonly Reason[];
  readonly overridden?: readonly Reason[];
}

export interface Told {
  /** What speaks for it, what against it, and what a higher timeframe overrules; empty where there is nothing. */
  readonly forIt: string;
  readonly against: string;
  readonly overruled: string;
}

/** Whether a signal buys, sells or does neither. */
export function sideOf(signal: string): "up" | "down" | "none" {
  return signal.endsWith("buy") ? "up" : signal.endsWith("sell") ? "down" : "none";
}

/** The reasons of a signal in words: "harami and hikkake (1h), volume spike (15m, 5m)". */
export function tell(reasons: Reasons | null, signal: string): Told {
  const side = sideOf(signal);
  const way = side === "up" ? "bullish" : side === "down" ? "bearish" : "";
  const counted = reasons?.counted ?? [];
  return {
    forIt: listed(counted.filter((each) => each.direction === way)),
    against: listed(counted.filter((each) => each.direction !== way && each.direction !== "neutral")),
    overruled: listed(reasons?.overridden ?? []),
  };
}

const LENGTHS = ["1m", "5m", "15m", "1h", "4h", "1d", "1w"];

/** Patterns once each with their timeframes, those of the longest and surest first. */
function listed(reasons: readonly Reason[]): string {
  const frames = new Map<string, { timeframes: Set<string>; surest: number; longest: number }>();
  for (const each of reasons) {
    const name = nameOf(each);
    const known = frames.get(name) ?? { timeframes: new Set<string>(), surest: 0, longest: -1 };
    known.timeframes.add(each.timeframe);
    known.surest = Math.max(known.surest, each.confidence ?? 0);
    known.longest = Math.max(known.longest, LENGTHS.indexOf(each.timeframe));
    frames.set(name, known);
  }
  const ordered = [...frames].sort(([, a], [, b]) => b.longest - a.longest || b.surest - a.surest);
  const byFrames = new Map<string, string[]>();
  for (const [name, known] of ordered) {
    const key = [...known.timeframes].sort((a, b) => LENGTHS.indexOf(b) - LENGTHS.indexOf(a)).join(", ");
    byFrames.set(key, [...(byFrames.get(key) ?? []), name]);
  }
  return [...byFrames].map(([key, names]) => `${and(names)} (${key})`).join("; ");
}

function nameOf(reason: Reason): string {
  const name = words(reason.pattern);
  return reason.family === "volume" ? `volume ${name}` : name;
}

function and(names: readonly string[]): string {
  return names.length < 2 ? (names[0] ?? "") : `${names.slice(0, -1).join(", ")} and ${names[names.length - 1]}`;
}

/** Where entry lies between stop and target, as a part of the way from the lower to the higher price. */
export function placeOf(value: number, from: number, to: number): number {
  return from === to ? 0.5 : Math.min(1, Math.max(0, (value - from) / (to - from)));
}
