import { answered, unanswered } from "./connection";
import { storedKey } from "./key";

/** Columns by name, all of one length: what the API gives of any reading. */
export interface Columns {
  readonly columns: Readonly<Record<string, readonly unknown[]>>;
  readonly rows: number;
  /** Where the next page begins; null after the last one. */
  readonly next: string | null;
}

/** What the API says when it refuses or fails (RFC 9457). */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly parameter: string | null,
  ) {
    super(detail || title);
  }
}

export type Question = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** Ask one reading: `ask("candles", {symbol: "BTC/USDT", venue: "binance", timeframe: "1h"})`. */
export async function ask(path: string, question: Question = {}, signal?: AbortSignal): Promise<Columns> {
  return (await get(`/api/v1/${path}`, question, signal)) as Columns;
}

/** Ask any address of the API; refusals are thrown as `Problem`, silence as `TypeError` of `fetch`. */
export async function get(path: string, question: Question = {}, signal?: AbortSignal): Promise<unknown> {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(question)) {
    if (value !== null && value !== undefined) query.set(name, String(value));
  }
  const asked = query.toString();
  return exchange(asked ? `${path}?${asked}` : path, signal ? { signal } : {});
}

/** Send to one of the few addresses that take something: alert rules, acknowledgements, watchlists. */
export async function send(method: "POST" | "PUT" | "PATCH" | "DELETE", path: string, body?: unknown): Promise<unknown> {
  const headers = { "Content-Type": "application/json" };
  return exchange(path, body === undefined ? { method } : { method, headers, body: JSON.stringify(body) });
}

/** Ask an address that answers with text, such as a picture in SVG. */
export async function fetchText(path: string, question: Question = {}, signal?: AbortSignal): Promise<string> {
  const query = new URLSearchParams(Object.entries(question).map(([name, value]) => [name, String(value)]));
  const key = storedKey();
  const answer = await fetch(`${path}?${query}`, { ...(signal ? { signal } : {}), headers: key ? { Authorization: `Bearer ${key}` } : {} });
  if (!answer.ok) throw problem(answer.status, await answer.json().catch(() => null));
  return answer.text();
}

async function exchange(address: string, asked: RequestInit): Promise<unknown> {
  const key = storedKey();
  const headers = new Headers(asked.headers);
  if (key) headers.set("Authorization", `Bearer ${key}`);
  let answer: Response;
  try {
    answer = await fetch(address, { ...asked, headers });
  } catch (error) {
    if ((error as Error).name !== "AbortError") unanswered();
    throw error;
  }
  answered(answer.headers.get("Date"));
  if (answer.status === 204) return null;
  const body: unknown = await answer.json().catch(() => null);
  if (!answer.ok) throw problem(answer.status, body);
  return body;
}

function problem(status: number, body: unknown): Problem {
  const told = (body ?? {}) as { title?: string; detail?: unknown; parameter?: string };
  const detail = typeof told.detail === "string" ? told.detail : "";
  return new Problem(status, told.title ?? `HTTP ${status}`, detail, told.parameter ?? null);
}

/** Rows as objects, for tables; charts use the columns as they are. */
export function rowsOf<Row>(answer: Columns): Row[] {
  const names = Object.keys(answer.columns);
  return Array.from({ length: answer.rows }, (_, index) => {
    const row: Record<string, unknown> = {};
    for (const name of names) row[name] = answer.columns[name]?.[index];
    return row as Row;
  });
}
