/** How far alerts were looked at in this browser. */
import { signal } from "@preact/signals";

const KEPT = "alphapulse.alerts.seen";

function kept(): string {
  const stored = localStorage.getItem(KEPT);
  if (stored && Number.isFinite(Date.parse(stored))) return stored;
  const now = new Date().toISOString();
  localStorage.setItem(KEPT, now);
  return now;
}

/** Alerts after this moment are unread. */
export const seenUntil = signal(kept());

export function markSeen(at: number): void {
  seenUntil.value = new Date(at).toISOString();
  localStorage.setItem(KEPT, seenUntil.value);
}
