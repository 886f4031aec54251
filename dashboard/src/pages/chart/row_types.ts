/** Rows of the page's questions, with times in seconds UTC. Prices are in quote units. */
export type Direction = "bullish" | "bearish" | "neutral";

export interface Candlestick {
  readonly time: number;
  readonly knownAt: number;
  readonly beganAt: number;
  readonly pattern: string;
  readonly direction: Direction;
  readonly nature: string | null;
  readonly strength: number;
  readonly unbroken: boolean;
}

export interface ChartPattern {
  readonly id: number;
  readonly time: number;
  readonly knownAt: number;
  readonly pattern: string;
  readonly direction: Direction;
  readonly stage: string;
  readonly completion: number | null;
  readonly breakout: number | null;
  readonly target: number | null;
  readonly invalidation: number | null;
  readonly quality: number | null;
  readonly pivots: readonly { time: number; price: number }[];
  readonly lines: readonly { name: string; from: { time: number; price: number }; to: { time: number; price: number } }[];
  readonly expires: number | null;
  readonly reason: string | null;
}

export interface Reason {
  readonly timeframe: string;
  readonly family: string;
  readonly pattern: string;
  readonly direction: string;
  readonly confidence: number;
  readonly weight: number;
}

export interface Signal {
  readonly time: number;
  readonly knownAt: number;
  readonly signal: string;
  readonly score: number | null;
  readonly confidence: number | null;
  readonly entry: number | null;
  readonly stop: number | null;
  readonly target: number | null;
  readonly rewardRisk: number | null;
  readonly expiresAt: number | null;
  readonly trigger: string | null;
  readonly counted: readonly Reason[];
  readonly overridden: readonly Reason[];
}

/** What became of a signal; times in seconds UTC. */
export interface Became {
  readonly time: number;
  readonly state: string;
  readonly closedAt: number | null;
  readonly exit: number | null;
  readonly bars: number | null;
  /** Return its way after costs, in per cent. */
  readonly net: number | null;
}

export interface VolumePattern {
  readonly time: number;
  readonly knownAt: number;
  readonly pattern: string;
  readonly direction: Direction;
  readonly strength: string;
  readonly confidence: number | null;
  readonly ratio: number | null;
  readonly level: number | null;
}

export interface Gap {
  readonly from: number;
  readonly to: number;
  readonly minutes: number;
  readonly state: string;
  readonly detectedAt: number;
  readonly repairedAt: number | null;
  readonly verifiedAt: number | null;
  readonly reason: string | null;
}

export interface Whale {
  readonly time: number;
  readonly knownAt: number;
  readonly side: "bid" | "ask";
  readonly price: number;
  readonly size: number;
  readonly notional: number;
}

export interface Wall {
  readonly from: number;
  readonly to: number | null;
  readonly knownAt: number;
  readonly endKnownAt: number | null;
  readonly side: "bid" | "ask";
  readonly price: number;
  readonly notional: number | null;
  readonly outcome: string;
  readonly spoof: boolean;
}

export interface Zone {
  readonly time: number;
  readonly side: "support" | "resistance";
  readonly price: number;
  readonly low: number;
  readonly high: number;
  readonly notional: number;
  readonly strength: number;
  readonly since: number;
  readonly touches: number;
}

export interface Profile {
  readonly from: number;
  readonly poc: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly width: number;
  readonly prices: readonly number[];
  readonly volumes: readonly number[];
}

export interface Outcome {
  readonly time: number;
  readonly family: string;
  readonly pattern: string;
  readonly horizon: number;
  /** The return the pattern's way, in per cent. */
  readonly directed: number | null;
  readonly firstTouch: string | null;
  readonly reference: string | null;
}
