/** What goes over `/ws`, as docs/broadcast.md has it. */

export type Channel =
  | "candles"
  | "book"
  | "trades"
  | "patterns"
  | "signals"
  | "whales"
  | "alerts"
  | "metrics"
  | "sentiment"
  | "status";

/** What of a channel: `{symbol: "BTC/USDT", venue: "binance", timeframe: "1m"}`. */
export interface Wanted {
  readonly symbol?: string;
  readonly venue?: string;
  readonly timeframe?: string;
  /** Of `metrics`: which data set. */
  readonly dataset?: string;
}

/** A row of a channel: its fields by name, times as RFC 3339 in UTC. */
export type Row = Readonly<Record<string, unknown>>;

export type ServerMessage =
  | { readonly type: "welcome"; readonly heartbeat_seconds: number; readonly token_needed?: boolean }
  | {
      readonly type: "snapshot" | "update";
      readonly topic: string;
      readonly seq: number;
      readonly id?: number;
      readonly data: readonly Row[];
    }
  | { readonly type: "resync"; readonly topic: string; readonly reason: string }
  | { readonly type: "unsubscribed"; readonly topic: string; readonly id?: number }
  | { readonly type: "heartbeat"; readonly messages: number }
  | { readonly type: "status"; readonly source: "live" | "away"; readonly reason?: string }
  | { readonly type: "error"; readonly id?: number; readonly field?: string | null; readonly message: string };

/** The message in a frame; null where it is none of ours. */
export function parse(text: unknown): ServerMessage | null {
  if (typeof text !== "string") return null;
  try {
    const message = JSON.parse(text) as { type?: unknown } | null;
    return message && typeof message.type === "string" ? (message as ServerMessage) : null;
  } catch {
    return null;
  }
}
