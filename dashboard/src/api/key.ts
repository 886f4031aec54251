import { signal } from "@preact/signals";

/** The API key of this tab: needed away from loopback only, gone with the tab, never in an address. */
const KEPT = "alphapulse-token";

export const keyVersion = signal(0);

export function storedKey(): string | null {
  return sessionStorage.getItem(KEPT);
}

export function keepKey(key: string): void {
  if (key) sessionStorage.setItem(KEPT, key);
  else sessionStorage.removeItem(KEPT);
  keyVersion.value += 1;
}
