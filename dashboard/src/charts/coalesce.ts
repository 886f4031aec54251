/** Drawings of live data a second at most: more cannot be read, and each one costs. */
export const DRAWINGS_A_SECOND = 4;

export interface Coalesced {
  /** Ask for a run; however often it is asked, it runs at most once an interval, and once after the last ask. */
  (): void;
  /** Forget a run that was asked for. */
  cancel(): void;
}

/** `run`, at most once in `interval` milliseconds. */
export function coalesce(run: () => void, interval = 1_000 / DRAWINGS_A_SECOND): Coalesced {
  let timer: ReturnType<typeof setTimeout> | null = null;
  let ran = -Infinity;
  const ask = () => {
    if (timer !== null) return;
    const wait = Math.max(0, ran + interval - Date.now());
    timer = setTimeout(() => {
      timer = null;
      ran = Date.now();
      run();
    }, wait);
  };
  return Object.assign(ask, {
    cancel: () => {
      if (timer !== null) clearTimeout(timer);
      timer = null;
    },
  });
}
