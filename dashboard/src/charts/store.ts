import { type Bar, mergeBars } from "./bars";

/** Bars that one may scroll through without asking again (the figure). */
export const MOST_BARS = 20_000;

/** All bars at hand of one symbol and timeframe, at most `most`; beyond them the API is asked again. */
export class BarStore {
  bars: readonly Bar[] = [];
  /** Whether there may be bars before the first, and after the last, that are not held. */
  moreBefore = true;
  moreAfter = false;

  constructor(private readonly most = MOST_BARS) {}

  get first(): Bar | undefined {
    return this.bars[0];
  }

  get last(): Bar | undefined {
    return this.bars[this.bars.length - 1];
  }

  /** Begin anew with the newest bars. */
  reset(bars: readonly Bar[], moreBefore: boolean, moreAfter = false): void {
    this.bars = bars;
    this.moreBefore = moreBefore;
    this.moreAfter = moreAfter;
  }

  /** An older page; the newest bars make room. Returns how many bars came before those held. */
  addBefore(page: readonly Bar[], more: boolean): number {
    const first = this.first?.time ?? Infinity;
    const older = page.filter((bar) => bar.time < first);
    const merged = mergeBars(older, this.bars);
    this.moreBefore = more;
    if (merged.length > this.most) this.moreAfter = true;
    this.bars = merged.slice(0, this.most);
    return older.length;
  }

  /** A newer page; the oldest bars make room. Returns how many bars were dropped at the start. */
  addAfter(page: readonly Bar[], more: boolean): number {
    const merged = mergeBars(this.bars, page);
    const dropped = Math.max(0, merged.length - this.most);
    this.moreAfter = more;
    if (dropped > 0) this.moreBefore = true;
    this.bars = dropped > 0 ? merged.slice(dropped) : merged;
    return dropped;
  }

  /**
   * A live bar. It is taken only where the newest bars are held: past a page that was dropped it would stand
   * beside a hole that is none. Returns how many bars were dropped at the start, or null where it was not taken.
   */
  live(bar: Bar): number | null {
    return this.moreAfter ? null : this.addAfter([bar], false);
  }
}
