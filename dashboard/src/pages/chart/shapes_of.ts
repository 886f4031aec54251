/** From rows to what is drawn. Pure: times in seconds UTC, prices in quote units. */
import { type Bar, placeOf } from "../../charts/bars";
import type { Hole } from "../../charts/gaps";
import type { Area, Path, Shape, Tick } from "../../charts/shapes";
import type { Tone } from "../../charts/theme";
import { number, price, words } from "../../ui/format";
import type { Became, Candlestick, ChartPattern, Direction, Gap, Outcome, Profile, Signal, VolumePattern, Wall, Whale, Zone } from "./rows";
import * as told from "./words";

const TONES: Readonly<Record<Direction, Tone>> = { bullish: "up", bearish: "down", neutral: "neutral" };
const OVER = new Set(["failed", "expired", "evolved"]);
const WITHIN = 20;

/** Missing bars as hatched bands; one that the ledger knows says why. */
export function gapShapes(holes: readonly Hole[], gaps: readonly Gap[]): Shape[] {
  return holes.map((hole) => {
    const known = gaps.filter((gap) => gap.from < hole.to && gap.to > hole.from);
    const bars = `${number(hole.missing)} ${hole.missing === 1 ? "bar" : "bars"} missing`;
    const why = known.flatMap((gap) => told.ofGap(gap));
    return {
      kind: "area",
      id: `gap:${hole.from}`,
      tone: "warn",
      from: hole.from,
      to: hole.to,
      low: null,
      high: null,
      hatched: true,
      label: known[0]?.reason ? words(known[0].reason) : "no data",
      words: [
        hole.shortened ? `${bars} (drawn shorter than it is)` : bars,
        ...(why.length > 0 ? why : ["Nothing is in the ledger of gaps: it may not be tracked for this long"]),
      ],
    };
  });
}

/** The lines, levels and pivots of a chart pattern, from its first pivot to its end or to `now`. */
export function patternShapes(pattern: ChartPattern, now: number, unit: string): Shape[] {
  const tone = TONES[pattern.direction];
  const start = Math.min(...pattern.pivots.map((pivot) => pivot.time), pattern.time);
  const over = OVER.has(pattern.stage) || pattern.stage === "target_met";
  const end = over ? pattern.time : Math.max(pattern.time, Math.min(now, pattern.expires ?? now));
  const weight = OVER.has(pattern.stage) ? 0.1 : over ? 0.3 : pattern.stage === "forming" ? 0.6 : 1;
  const lines = told.ofChartPattern(pattern, unit);
  const shapes: Shape[] = pattern.lines.map((line) => ({
    kind: "path",
    id: `pattern:${pattern.id}:${line.name}`,
    tone,
    weight,
    width: line.name === "neckline" ? 2 : 1.5,
    dashed: pattern.stage === "forming",
    points: [start, end].map((time) => ({ time, price: priceAt(line, time) })),
    words: lines,
  }));
  shapes.push({
    kind: "path",
    id: `pattern:${pattern.id}:pivots`,
    tone,
    weight: weight * 0.7,
    width: 1,
    dots: true,
    dashed: true,
    points: pattern.pivots,
    label: over ? words(pattern.pattern) : `${words(pattern.pattern)} ${pattern.completion === null ? "" : `${Math.round(pattern.completion)} %`}`,
    words: lines,
  });
  if (over) return shapes;
  const from = pattern.pivots[pattern.pivots.length - 1]?.time ?? start;
  const until = Math.max(end, pattern.expires ?? end);
  return [...shapes, ...levels(pattern, from, until, tone, lines)];
}

function levels(pattern: ChartPattern, from: number, until: number, tone: Tone, lines: readonly string[]): Path[] {
  const kinds = [
    ["breakout", pattern.breakout, "accent"],
    ["target", pattern.target, tone],
    ["invalidation", pattern.invalidation, "bad"],
  ] as const;
  return kinds.flatMap(([name, level, colour]) =>
    level === null
      ? []
      : [
          {
            kind: "path" as const,
            id: `pattern:${pattern.id}:${name}`,
            tone: colour,
            weight: 0.7,
            width: 1,
            dashed: true,
            points: [
              { time: from, price: level },
              { time: until, price: level },
            ],
            label: `${name} ${price(level)}`,
            words: lines,
          },
        ],
  );
}

/** A line goes straight on in clock time. */
export function priceAt(line: ChartPattern["lines"][number], time: number): number {
  const { from, to } = line;
  if (to.time === from.time) return from.price;
  return from.price + ((to.price - from.price) * (time - from.time)) / (to.time - from.time);
}

const ENDS: Readonly<Record<string, Tone>> = { target: "good", stopped: "bad", expired: "muted", closed: "warn" };

/** Where a signal ended, in the colour and the word of how: at the price of its exit, in the bar that ended it. */
function endShapes(signal: Signal, step: number, ended: Became, lines: readonly string[]): Shape[] {
  if (ended.closedAt === null || ended.exit === null) return [];
  return [
    {
      kind: "bubble",
      id: `signal:${signal.time}:end`,
      tone: ENDS[ended.state] ?? "muted",
      weight: 1,
      at: { time: ended.closedAt - step, price: ended.exit },
      radius: 5,
      label: `${words(ended.state)}${ended.net === null ? "" : ` ${ended.net >= 0 ? "+" : "−"}${Math.abs(ended.net).toFixed(2)} %`}`,
      words: lines,
    },
  ];
}

/** Risk and reward as two boxes from when it was known until it is over. `step`: length of a bar. */
export function signalShapes(signal: Signal, step: number, unit: string, stands: boolean, ended: Became | null = null): Shape[] {
  const { entry, stop, target } = signal;
  if (entry === null || stop === null || target === null) return [];
  const to = Math.max(ended?.closedAt ?? signal.expiresAt ?? signal.knownAt + 20 * step, signal.knownAt + step);
  const buys = target > entry;
  const lines = [...told.ofSignal(signal, unit), ...(ended === null ? [] : [told.ofEnd(ended, unit)])];
  const common = { from: signal.knownAt, to, words: lines, weight: stands ? 0.6 : 0.12 };
  const box = (name: string, tone: Tone, a: number, b: number): Area => ({
    ...common,
    kind: "area",
    id: `signal:${signal.time}:${name}`,
    tone,
    low: Math.min(a, b),
    high: Math.max(a, b),
    ...(stands ? { outlined: true, fitted: true, label: `${name} ${price(b)}`, labelAt: b > a ? "top" : "bottom" } : {}),
  });
  return [
    box("target", "good", entry, target),
    box("stop", "bad", entry, stop),
    {
      kind: "path",
      id: `signal:${signal.time}:entry`,
      tone: buys ? "up" : "down",
      width: stands ? 1.5 : 1,
      weight: stands ? 1 : 0.3,
      points: [
        { time: signal.knownAt, price: entry },
        { time: to, price: entry },
      ],
      ...(stands ? { label: `${words(signal.signal)} ${price(entry)}` } : {}),
      words: lines,
    },
    ...(ended === null ? [] : endShapes(signal, step, ended, lines)),
  ];
}

/** One mark a bar and way for the candlestick patterns that it completed: several share it. */
export function candlestickShapes(
  patterns: readonly Candlestick[],
  bars: readonly Bar[],
  outcomes: (pattern: Candlestick) => readonly Outcome[],
): Tick[] {
  const groups = new Map<string, Candlestick[]>();
  for (const pattern of patterns) {
    const key = `${pattern.time}:${pattern.direction}`;
    groups.set(key, [...(groups.get(key) ?? []), pattern]);
  }
  return [...groups].flatMap(([key, group]) => {
    const first = group[0] as Candlestick;
    const bar = barAt(bars, first.time);
    if (bar === null) return [];
    const above = first.direction === "bearish" || first.direction === "neutral";
    const form = first.direction === "neutral" ? "dot" : above ? "down" : "up";
    return [
      {
        kind: "tick" as const,
        id: `candlestick:${key}`,
        tone: TONES[first.direction],
        weight: group.length > 1 ? 1 : 0.5,
        at: { time: first.time, price: above ? bar.high : bar.low },
        side: above ? ("above" as const) : ("below" as const),
        form: form as Tick["form"],
        words: group.flatMap((pattern) => told.ofCandlestick(pattern, outcomes(pattern))),
      },
    ];
  });
}

function barAt(bars: readonly Bar[], time: number): Bar | null {
  const bar = bars[placeOf(bars, time)];
  return bar !== undefined && bar.time === time ? bar : null;
}

/** Marks in the volume pane, above the bar of volume. */
export function volumeShapes(patterns: readonly VolumePattern[], bars: readonly Bar[], outcomes: (pattern: VolumePattern) => readonly Outcome[]): Tick[] {
  const weights: Readonly<Record<string, number>> = { weak: 0, medium: 0.35, strong: 0.7, extreme: 1 };
  return patterns.flatMap((pattern) => {
    const bar = barAt(bars, pattern.time);
    if (bar === null || bar.volume === null) return [];
    return [
      {
        kind: "tick" as const,
        id: `volume:${pattern.time}:${pattern.pattern}`,
        tone: pattern.pattern === "divergence" ? ("accent" as const) : TONES[pattern.direction],
        weight: weights[pattern.strength] ?? 0,
        at: { time: pattern.time, price: bar.volume },
        side: "above" as const,
        form: pattern.direction === "bullish" ? ("up" as const) : pattern.direction === "bearish" ? ("down" as const) : ("dot" as const),
        words: told.ofVolume(pattern, outcomes(pattern)),
      },
    ];
  });
}

/** A divergence as a line from the extreme that it is measured by to the bar that went beyond. */
export function divergenceShapes(patterns: readonly VolumePattern[], bars: readonly Bar[]): Path[] {
  return patterns.flatMap((pattern) => {
    if (pattern.pattern !== "divergence" || pattern.level === null) return [];
    const place = placeOf(bars, pattern.time);
    const bar = bars[place];
    if (bar === undefined || bar.time !== pattern.time) return [];
    const bearish = pattern.direction === "bearish";
    const before = bars.slice(Math.max(0, place - WITHIN), place);
    const extreme = before.find((each) => (bearish ? each.high : each.low) === pattern.level);
    if (extreme === undefined) return [];
    return [
      {
        kind: "path" as const,
        id: `divergence:${pattern.time}`,
        tone: "accent" as const,
        width: 1.5,
        points: [
          { time: extreme.time, price: pattern.level },
          { time: bar.time, price: bearish ? bar.high : bar.low },
        ],
        words: told.ofVolume(pattern, []),
      },
    ];
  });
}

/** Zones as bands from when they were first seen; the stronger, the more they stand out. */
export function zoneShapes(zones: readonly Zone[], quote: string): Area[] {
  const strongest = Math.max(...zones.map((zone) => zone.strength), 1e-9);
  return zones.map((zone) => ({
    kind: "area",
    id: `zone:${zone.side}:${zone.price}`,
    tone: zone.side === "support" ? "up" : "down",
    weight: zone.strength / strongest,
    from: zone.since,
    to: null,
    low: zone.low,
    high: zone.high,
    label: `${zone.side} ${number(zone.strength, 2)}`,
    words: told.ofZone(zone, quote),
  }));
}

/** Large trades as circles, whose areas are in proportion to what was traded. */
export function whaleShapes(whales: readonly Whale[], base: string, quote: string, largest = 16): Shape[] {
  const most = Math.max(...whales.map((whale) => whale.notional), 1e-9);
  return whales.map((whale) => ({
    kind: "bubble",
    id: `whale:${whale.time}:${whale.price}`,
    tone: whale.side === "bid" ? "up" : "down",
    at: { time: whale.time, price: whale.price },
    radius: Math.max(3, largest * Math.sqrt(whale.notional / most)),
    words: told.ofWhale(whale, base, quote),
  }));
}

/** Walls as lines for as long as they stood. */
export function wallShapes(walls: readonly Wall[], now: number, quote: string): Path[] {
  const most = Math.max(...walls.map((wall) => wall.notional ?? 0), 1e-9);
  return walls.map((wall) => ({
    kind: "path",
    id: `wall:${wall.side}:${wall.price}:${wall.from}`,
    tone: wall.spoof ? "bad" : wall.side === "bid" ? "up" : "down",
    width: 1.5 + 3 * Math.sqrt((wall.notional ?? 0) / most),
    weight: wall.to === null ? 0.8 : 0.2,
    dashed: wall.outcome === "pulled",
    points: [
      { time: wall.from, price: wall.price },
      { time: wall.to ?? now, price: wall.price },
    ],
    words: told.ofWall(wall, quote),
  }));
}

const DAY = 86_400;

/** A day's volume by price, against the left edge of its day. */
export function profileShapes(profile: Profile, base: string, quote: string): Shape[] {
  const most = Math.max(...profile.volumes, 1e-9);
  return profile.prices.map((low, place) => {
    const volume = profile.volumes[place] ?? 0;
    const high = low + profile.width;
    const isPoc = profile.poc !== null && profile.poc >= low && profile.poc < high;
    const inArea = profile.low !== null && profile.high !== null && low >= profile.low && high <= profile.high;
    return {
      kind: "shelf",
      id: `profile:${profile.from}:${place}`,
      tone: isPoc ? "accent" : "muted",
      weight: isPoc ? 1 : inArea ? 0.7 : 0.1,
      from: profile.from,
      to: profile.from + DAY,
      low,
      high,
      share: 0.7 * (volume / most),
      words: [
        isPoc ? "Point of control of the day" : inArea ? "Within the value area (70 %)" : "Volume by price",
        `${price(low)} to ${price(high)} ${quote}: ${number(volume, 4)} ${base}`,
      ],
    };
  });
}
