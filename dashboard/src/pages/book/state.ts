/** What the page shows, as its address says it. Pure. */

export const WINDOWS = [
  { name: "10m", minutes: 10 },
  { name: "30m", minutes: 30 },
  { name: "1h", minutes: 60 },
  { name: "4h", minutes: 240 },
] as const;
export type WindowName = (typeof WINDOWS)[number]["name"];

export const REACHES = [25, 50, 100, 200] as const;
export type Reach = (typeof REACHES)[number];

export interface BookState {
  readonly symbol: string;
  readonly venue: string;
  readonly window: WindowName;
  /** Basis points around mid that the price axis shows. */
  readonly reach: Reach;
  readonly trades: boolean;
}

/** What an address asks for; what it does not know or say is as by default. */
export function stateOf(parameters: URLSearchParams): BookState {
  const window = parameters.get("window");
  const reach = Number(parameters.get("reach"));
  return {
    symbol: parameters.get("symbol") ?? "BTC/USDT",
    venue: parameters.get("venue") ?? "binance",
    window: WINDOWS.find((each) => each.name === window)?.name ?? "10m",
    reach: REACHES.find((each) => each === reach) ?? 100,
    trades: parameters.get("trades") !== "off",
  };
}

/** Length of a window in milliseconds. */
export function lengthOf(name: WindowName): number {
  return (WINDOWS.find((each) => each.name === name)?.minutes ?? 10) * 60_000;
}
