/** Lengths of bars that the platform keeps, from short to long. */
export const TIMEFRAMES = ["1m", "5m", "15m", "1h", "4h", "1d", "1w"] as const;
export type Timeframe = (typeof TIMEFRAMES)[number];

const SECONDS: Readonly<Record<Timeframe, number>> = {
  "1m": 60,
  "5m": 300,
  "15m": 900,
  "1h": 3_600,
  "4h": 14_400,
  "1d": 86_400,
  "1w": 604_800,
};

/** Weeks start on Monday; 1970-01-01 was a Thursday. */
const MONDAY = 4 * 86_400;

/** Length of a bar in seconds. */
export function secondsOf(timeframe: Timeframe): number {
  return SECONDS[timeframe];
}

export function isTimeframe(text: string | null): text is Timeframe {
  return text !== null && (TIMEFRAMES as readonly string[]).includes(text);
}

/** Open time of the bar that a moment lies in; both in seconds UTC. */
export function openOf(time: number, timeframe: Timeframe): number {
  const length = SECONDS[timeframe];
  const origin = timeframe === "1w" ? MONDAY : 0;
  return Math.floor((time - origin) / length) * length + origin;
}
