import { signal } from "@preact/signals";
import { placeOf } from "../../charts/bars";
import { coalesce } from "../../charts/coalesce";
import { holesOf, type Slot, slotsOf } from "../../charts/gaps";
import { type Pointing, PriceChart } from "../../charts/price_chart";
import type { Shape } from "../../charts/shapes";
import type { ChartTheme } from "../../charts/theme";
import { type Span, windowFor } from "../../charts/window";
import type { Change, Feed } from "./feed";
import { type NamedLine, linesOf, type OwnIndicator } from "./lines_of";
import { decimalsOf } from "./precision";
import type { ChartState, Indicator } from "./state";

/** How close to the end of what is held one may come before more is asked for, in bars (ours). */
const NEAR_THE_END = 300;

export interface Watching {
  /** What is held and seen changed: overlays of it are due. In seconds UTC. */
  onStretch(held: Span, seen: Span): void;
}

/** Puts the bars of a feed on a chart: the window of them that is near what is seen, and more as one scrolls. */
export class Drawing {
  readonly pointing = signal<Pointing | null>(null);
  readonly lines = signal<readonly NamedLine[]>([]);
  readonly tops = signal<readonly number[]>([0]);
  /** Counts changes of the bars, for what is shown beside the chart. */
  readonly version = signal(0);
  private readonly chart: PriceChart;
  private feed: Feed | null = null;
  private held: Span = { from: 0, to: 0 };
  private slots: readonly Slot[] = [];
  private chosen: ReadonlySet<Indicator> = new Set();
  private own: readonly OwnIndicator[] = [];
  private decimals = 2;
  private frame: number | null = null;
  /** Width and height of the whole chart in pixels. */
  readonly size = () => ({ width: this.place.clientWidth, height: this.place.clientHeight });
  private readonly newest = coalesce(() => this.drawNewest());
  private readonly seen = coalesce(() => this.tellStretch(), 150);

  constructor(
    private readonly place: HTMLElement,
    theme: ChartTheme,
    private readonly watching: Watching,
  ) {
    this.chart = new PriceChart(place, theme, {
      // not within the library's own drawing: it does not bear other data then
      onSeen: () => this.movedSoon(),
      onPoint: (at) => {
        this.pointing.value = at;
      },
    });
  }

  /** Bars of another question; those of the old one stand until it answers. */
  follow(feed: Feed): void {
    this.feed = feed;
    this.newest.cancel();
  }

  choose(chosen: ReadonlySet<Indicator>, own: readonly OwnIndicator[]): void {
    this.chosen = chosen;
    this.own = own;
    this.drawLines();
  }

  /** Draw what changed. `keepView`: another question about the same bars, such as one about another moment. */
  apply(change: Change, keepView: boolean, view: ChartState["view"]): void {
    if (change === "newest") {
      this.newest();
      return;
    }
    const feed = this.feed;
    if (feed === null) return;
    if (change === "all") {
      this.decimals = decimalsOf(feed.bars.slice(-200).map((bar) => bar.close));
      this.chart.setPrecision(this.decimals);
    }
    const keep = change !== "all" || (keepView && this.slots.length > 0);
    if (!keep) this.held = { from: feed.bars.length, to: feed.bars.length };
    this.draw(keep, view);
    if (!keep) this.look(view);
    this.version.value += 1;
    this.seen();
  }

  setShapes(price: readonly Shape[], volume: readonly Shape[]): void {
    this.chart.setShapes(price, volume);
  }

  restyle(theme: ChartTheme): void {
    this.chart.restyle(theme);
  }

  pan(part: number): void {
    this.chart.pan(part);
  }

  zoom(factor: number): void {
    this.chart.zoom(factor);
  }

  seeNewest(): void {
    this.chart.seeNewest(this.usualBars());
  }

  seeAll(): void {
    const bars = this.feed?.bars ?? [];
    const [first, last] = [bars[0], bars[bars.length - 1]];
    if (first === undefined || last === undefined) return;
    this.held = { from: 0, to: bars.length };
    this.draw(true);
    this.chart.seeTimes(first.time, last.time + (this.feed?.step ?? 60) * 6);
  }

  /** What is seen, for the address: its right end and its number of bars; null where it is the usual. */
  view(): ChartState["view"] {
    const seen = this.chart.seen();
    const times = this.chart.seenTimes();
    const last = this.feed?.bars[this.feed.bars.length - 1];
    if (seen === null || times === null || last === undefined) return null;
    const bars = Math.round(seen.to - seen.from);
    const atEnd = times.to >= last.time && Math.abs(bars - this.usualBars()) < 2;
    return atEnd ? null : { to: Math.round(times.to), bars };
  }

  measure(): void {
    this.tops.value = this.chart.paneTops();
  }

  destroy(): void {
    this.newest.cancel();
    this.seen.cancel();
    if (this.frame !== null) cancelAnimationFrame(this.frame);
    this.chart.destroy();
  }

  /** Bars that stand in a usual view: some eight pixels each. */
  private usualBars(): number {
    return Math.max(40, Math.min(220, Math.round(this.chart.width() / 7)));
  }

  private look(view: ChartState["view"]): void {
    if (view === null) this.seeNewest();
    else this.chart.seeTimes(view.to - view.bars * (this.feed?.step ?? 60), view.to);
  }

  /** The span of bars that is seen, as places among all that are at hand. */
  private seenSpan(): Span {
    const bars = this.feed?.bars ?? [];
    const times = this.chart.seenTimes();
    if (times === null) return { from: Math.max(0, bars.length - this.usualBars()), to: bars.length };
    return { from: placeOf(bars, times.from), to: Math.min(bars.length, placeOf(bars, times.to) + 1) };
  }

  private draw(keepView: boolean, view: ChartState["view"] = null): void {
    const { feed } = this;
    if (feed === null) return;
    this.held = windowFor(feed.bars.length, this.heldSpan(), keepView ? this.seenSpan() : this.spanOf(view));
    this.slots = slotsOf(feed.bars.slice(this.held.from, this.held.to), feed.step);
    const began = performance.now();
    this.chart.setBars(this.slots, feed.step, keepView);
    if (this.lines.value.length === 0) this.drawLines();
    noteDrawn(began, this.slots.length);
  }

  /** The span that a view will see; without one, the newest bars. */
  private spanOf(view: ChartState["view"]): Span {
    const bars = this.feed?.bars ?? [];
    if (view === null) return { from: Math.max(0, bars.length - this.usualBars()), to: bars.length };
    const from = view.to - view.bars * (this.feed?.step ?? 60);
    return { from: placeOf(bars, from), to: Math.min(bars.length, placeOf(bars, view.to) + 1) };
  }

  /** The held window as places of the present bars: pages before it move it along. */
  private heldSpan(): Span {
    const bars = this.feed?.bars ?? [];
    const [first, last] = [this.slots[0], this.slots[this.slots.length - 1]];
    if (first === undefined || last === undefined || this.held.from === this.held.to) return { from: 0, to: 0 };
    return { from: placeOf(bars, first.time), to: Math.min(bars.length, placeOf(bars, last.time) + 1) };
  }

  private drawLines(): void {
    const values = this.feed?.values;
    if (values === undefined) return;
    this.lines.value = linesOf(this.chosen, values, this.decimals, this.own);
    this.chart.setLines(this.lines.value);
    requestAnimationFrame(() => this.measure());
  }

  private drawNewest(): void {
    const { feed } = this;
    if (feed === null) return;
    const held = this.heldSpan();
    const wasAtEnd = this.slots.length === 0 || held.to >= feed.bars.length - 3;
    if (wasAtEnd) {
      const span = windowFor(feed.bars.length, { from: held.from, to: feed.bars.length }, this.seenSpan());
      const slots = slotsOf(feed.bars.slice(span.from, span.to), feed.step);
      const more = slots.length - this.slots.length;
      const same = slots[0]?.time === this.slots[0]?.time && (more === 0 || more === 1);
      this.slots = slots;
      this.held = span;
      if (same) this.chart.update(slots, feed.step);
      else this.chart.setBars(slots, feed.step, true);
    }
    this.version.value += 1;
  }

  private movedSoon(): void {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.moved();
    });
  }

  /** The user moved: move the window along, and ask for more where its end comes near. */
  private moved(): void {
    const { feed } = this;
    if (feed === null || feed.bars.length === 0) return;
    const seen = this.seenSpan();
    const held = this.heldSpan();
    const span = windowFor(feed.bars.length, held, seen);
    if (span.from !== held.from || span.to !== held.to) this.draw(true);
    if (seen.from < NEAR_THE_END) void feed.before();
    if (seen.to > feed.bars.length - NEAR_THE_END) void feed.after();
    this.seen();
  }

  private tellStretch(): void {
    const [first, last] = [this.slots[0], this.slots[this.slots.length - 1]];
    const seen = this.chart.seenTimes();
    if (first === undefined || last === undefined || seen === null || this.feed === null) return;
    this.watching.onStretch({ from: first.time, to: last.time + this.feed.step }, seen);
  }

  /** Holes among the bars that the chart holds. */
  holes() {
    const { feed } = this;
    return feed === null ? [] : holesOf(feed.bars.slice(this.held.from, this.held.to), feed.step);
  }
}

/** For those who measure: from bars at hand until they are on the screen. */
function noteDrawn(began: number, bars: number): void {
  requestAnimationFrame(() => {
    // the library paints in the frame that is about to end
    setTimeout(() => performance.measure("chart drawn", { start: began, detail: { bars } }));
  });
}
