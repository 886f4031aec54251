import type { Bar } from "./bars";

/** A place on the time axis: a bar, or nothing where one is missing. */
export interface Slot {
  readonly time: number;
  readonly bar: Bar | null;
}

/** A stretch without bars. `from`: open time of the first missing bar; `to`: of the first one after. */
export interface Hole {
  readonly from: number;
  readonly to: number;
  readonly missing: number;
  /** Whether it is drawn shorter than it is. */
  readonly shortened: boolean;
}

/** Empty places of one hole at most (ours): a month without minutes shall not push all bars off the screen. */
export const MOST_BLANKS = 240;

/** The time axis of ascending bars, `step` seconds apart: where bars are missing it has empty places. */
export function slotsOf(bars: readonly Bar[], step: number, mostBlanks = MOST_BLANKS): Slot[] {
  const slots: Slot[] = [];
  let before: Bar | null = null;
  for (const bar of bars) {
    if (before !== null) {
      for (const time of blanksBetween(before.time, bar.time, step, mostBlanks)) slots.push({ time, bar: null });
    }
    slots.push({ time: bar.time, bar });
    before = bar;
  }
  return slots;
}

/** Where bars are missing between the first and the last. */
export function holesOf(bars: readonly Bar[], step: number, mostBlanks = MOST_BLANKS): Hole[] {
  const holes: Hole[] = [];
  for (let place = 1; place < bars.length; place++) {
    const left = (bars[place - 1] as Bar).time;
    const right = (bars[place] as Bar).time;
    const missing = Math.round((right - left) / step) - 1;
    if (missing > 0) holes.push({ from: left + step, to: right, missing, shortened: missing > mostBlanks });
  }
  return holes;
}

function blanksBetween(left: number, right: number, step: number, most: number): number[] {
  const missing = Math.round((right - left) / step) - 1;
  if (missing <= 0) return [];
  const drawn = Math.min(missing, most);
  const stride = missing / drawn;
  return Array.from({ length: drawn }, (_, place) => left + step * Math.floor(place * stride + 1));
}
