/** The keyboard: single keys, and `g` followed by one. Pure but for the listener that `listen` sets. */

export interface Shortcut {
  /** "t", "/", "g m" or "Escape", as `KeyboardEvent.key` tells. */
  readonly keys: string;
  readonly meaning: string;
  readonly run: () => void;
}

/** How long a first key waits for its second (ours). */
export const PATIENCE = 1_200;

export class Keys {
  private first: { readonly key: string; readonly at: number } | null = null;
  private shortcuts: Shortcut[] = [];

  /** Take shortcuts in; the answer takes them out again. Later ones win. */
  add(more: readonly Shortcut[]): () => void {
    this.shortcuts = [...more, ...this.shortcuts];
    return () => {
      this.shortcuts = this.shortcuts.filter((each) => !more.includes(each));
    };
  }

  /** All that are known, the first of equal keys alone. */
  all(): Shortcut[] {
    const seen = new Set<string>();
    return this.shortcuts.filter((each) => !seen.has(each.keys) && seen.add(each.keys));
  }

  /** What a key stroke at a time means, if anything. */
  stroke(key: string, at: number): Shortcut | null {
    const first = this.first;
    this.first = null;
    if (first && at - first.at <= PATIENCE) {
      const both = this.shortcuts.find((each) => each.keys === `${first.key} ${key}`);
      if (both) return both;
    }
    if (this.shortcuts.some((each) => each.keys.startsWith(`${key} `))) this.first = { key, at };
    return this.shortcuts.find((each) => each.keys === key) ?? null;
  }
}

export const keys = new Keys();

/** Whether keys belong to what is being typed into. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}

export function listen(): () => void {
  const pressed = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    const shortcut = keys.stroke(event.key, event.timeStamp);
    if (!shortcut) return;
    event.preventDefault();
    shortcut.run();
  };
  addEventListener("keydown", pressed);
  return () => removeEventListener("keydown", pressed);
}
