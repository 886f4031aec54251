import { duration, fullTime, number, price, words } from "../../ui/format";
import type { Became, Candlestick, ChartPattern, Gap, Outcome, Signal, VolumePattern, Wall, Whale, Zone } from "./rows";

/** Sentences of what one points at: the first line is a title. Prices carry their unit, times say UTC. */
const WAYS: Readonly<Record<string, string>> = { bullish: "bullish ▲", bearish: "bearish ▼", neutral: "neutral" };

function title(text: string): string {
  const plain = words(text);
  return plain.charAt(0).toUpperCase() + plain.slice(1);
}

function at(time: number): string {
  return fullTime(time * 1_000);
}

export function ofCandlestick(pattern: Candlestick, outcomes: readonly Outcome[]): string[] {
  return [
    `${title(pattern.pattern)}, ${WAYS[pattern.direction]}`,
    [pattern.nature, `strength ${Math.abs(pattern.strength)}`].filter(Boolean).join(", "),
    `Known ${at(pattern.knownAt)}`,
    ...(pattern.unbroken ? [] : ["Bars are missing among its candles: read it with care"]),
    cameOf(outcomes),
  ];
}

export function ofVolume(pattern: VolumePattern, outcomes: readonly Outcome[]): string[] {
  return [
    `Volume: ${words(pattern.pattern)}, ${WAYS[pattern.direction]}`,
    `${pattern.strength}, ${pattern.ratio === null ? "volume ratio not known" : `${number(pattern.ratio, 3)} × the mean of 20 bars`}`,
    pattern.confidence === null
      ? "Clearness not known"
      : `Definition met ${Math.round(pattern.confidence * 100)} % (clearness, not probability)`,
    `Known ${at(pattern.knownAt)}`,
    cameOf(outcomes),
  ];
}

/** What price did after it, at the longest horizon that is over. */
export function cameOf(outcomes: readonly Outcome[]): string {
  const last = outcomes.reduce<Outcome | null>((best, each) => (best === null || each.horizon > best.horizon ? each : best), null);
  if (last === null) return "What came of it is not known";
  const way = last.directed === null ? "" : `${last.directed >= 0 ? "+" : "−"}${Math.abs(last.directed).toFixed(2)} % its way`;
  const touch = last.firstTouch === null || last.firstTouch === "neither" ? "" : `, ${words(last.firstTouch)} touched first`;
  return `${last.horizon} bars later: ${way || "no way to hold it against"}${touch}`;
}

const STAGES: Readonly<Record<string, string>> = {
  forming: "forming",
  complete: "broken out, under way",
  target_met: "target met",
  failed: "failed",
  expired: "expired",
  evolved: "became another pattern",
};

export function ofChartPattern(pattern: ChartPattern, unit: string): string[] {
  const level = (name: string, value: number | null) => (value === null ? [] : [`${name} ${price(value)} ${unit}`]);
  return [
    `${title(pattern.pattern)}, ${WAYS[pattern.direction]}: ${STAGES[pattern.stage] ?? words(pattern.stage)}`,
    [
      pattern.completion === null ? "" : `${Math.round(pattern.completion)} % complete`,
      pattern.quality === null ? "" : `quality ${Math.round(pattern.quality * 100)} %`,
    ]
      .filter(Boolean)
      .join(", "),
    ...level("Breakout", pattern.breakout),
    ...level("Target", pattern.target),
    ...level("Invalidation", pattern.invalidation),
    `Told at ${at(pattern.knownAt)}`,
    ...(pattern.reason ? [`Why: ${words(pattern.reason)}`] : []),
  ];
}

export function ofSignal(signal: Signal, unit: string): string[] {
  const reasons = [...signal.counted].sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
  return [
    `${title(signal.signal)}, confidence ${signal.confidence === null ? "not known" : `${Math.round(signal.confidence)} %`}`,
    `Entry ${price(signal.entry)}, stop ${price(signal.stop)}, target ${price(signal.target)} ${unit}`,
    `Reward over risk ${signal.rewardRisk === null ? "not known" : number(signal.rewardRisk, 3)}`,
    `Known ${at(signal.knownAt)}${signal.expiresAt === null ? "" : `, over at ${at(signal.expiresAt)}`}`,
    ...reasons
      .slice(0, 4)
      .map((each) => `• ${words(each.pattern)} ${each.timeframe} (${each.direction}, ${Math.round(each.confidence)} %)`),
    ...(reasons.length > 4 ? [`and ${reasons.length - 4} more`] : []),
  ];
}

const ENDS: Readonly<Record<string, string>> = {
  target: "reached its target",
  stopped: "its stop was touched first",
  expired: "its time was over",
  closed: "closed by a later signal the other way",
};

/** What became of a signal, in one line. */
export function ofEnd(ended: Became, unit: string): string {
  const after = ended.bars === null ? "" : ` after ${ended.bars} ${ended.bars === 1 ? "bar" : "bars"}`;
  const net = ended.net === null ? "" : `: ${ended.net >= 0 ? "+" : "−"}${Math.abs(ended.net).toFixed(2)} % after costs`;
  return `Ended${after}, ${ENDS[ended.state] ?? words(ended.state)}, at ${price(ended.exit)} ${unit}${net}`;
}

export function ofGap(gap: Gap): string[] {
  const what = gap.state === "venue_had_none" ? "the venue had none" : "missing, repair is tried";
  return [
    `${number(gap.minutes)} ${gap.minutes === 1 ? "minute" : "minutes"}: ${what}`,
    `${at(gap.from)} to ${at(gap.to)}`,
    gap.reason ? `Why: ${words(gap.reason)}` : "Why is not known",
  ];
}

export function ofWhale(whale: Whale, base: string, quote: string): string[] {
  return [
    `Large trade: ${whale.side === "bid" ? "a buyer ▲" : "a seller ▼"} took ${number(whale.size, 4)} ${base}`,
    `at ${price(whale.price)} ${quote}, worth ${number(whale.notional, 4)} ${quote}`,
    at(whale.time),
  ];
}

export function ofWall(wall: Wall, quote: string): string[] {
  return [
    `Wall, ${wall.side === "bid" ? "bid ▲" : "ask ▼"}, at ${price(wall.price)} ${quote}: ${words(wall.outcome)}`,
    wall.notional === null ? "Its worth is not known" : `At most ${number(wall.notional, 4)} ${quote}`,
    `${at(wall.from)}, ${wall.to === null ? "stands" : `for ${duration((wall.to - wall.from) * 1_000)}`}`,
    ...(wall.spoof ? ["Pulled untraded as price came near: a suspicion, no proof"] : []),
  ];
}

export function ofZone(zone: Zone, quote: string): string[] {
  return [
    `${title(zone.side)} ${price(zone.low)} to ${price(zone.high)} ${quote}`,
    `Strength ${number(zone.strength, 3)}, ${number(zone.notional, 4)} ${quote} waiting on average`,
    `Since ${at(zone.since)}, touched ${zone.touches} ${zone.touches === 1 ? "time" : "times"}`,
    `Read ${at(zone.time)}`,
  ];
}
