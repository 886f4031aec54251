import { signal } from "@preact/signals";

/** What is known of the API: told by every answer and every failure to get one. */
export interface Connection {
  readonly state: "unknown" | "up" | "away";
  /** When the state began, in milliseconds of this machine's clock. */
  readonly since: number;
  /** The server's clock minus this machine's, from its answers' `Date`; good to a second. */
  readonly ahead: number;
}

export const connection = signal<Connection>({ state: "unknown", since: Date.now(), ahead: 0 });

/** An answer came, of whatever status. */
export function answered(date: string | null): void {
  const before = connection.value;
  const told = date ? Date.parse(date) - Date.now() : Number.NaN;
  // `Date` has whole seconds: only a difference beyond that says anything
  const ahead = Number.isFinite(told) && Math.abs(told) > 1500 ? told : 0;
  const moved = Math.abs(ahead - before.ahead) > 1500;
  if (before.state === "up" && !moved) return;
  connection.value = { state: "up", since: before.state === "up" ? before.since : Date.now(), ahead };
}

/** No answer came. */
export function unanswered(): void {
  const before = connection.value;
  if (before.state !== "away") connection.value = { ...before, state: "away", since: Date.now() };
}

/** Now by the server's clock: what ages are counted from. */
export function serverNow(): number {
  return Date.now() + connection.value.ahead;
}
