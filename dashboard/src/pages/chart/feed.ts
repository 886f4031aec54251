import { type Columns, Problem, type Question } from "../../api/client";
import { type Bar, barsOf } from "../../charts/bars";
import { BarStore, MOST_BARS } from "../../charts/store";
import { secondsOf } from "../../charts/timeframes";
import { barsKnownAt } from "./knowledge";
import { columnsOf, IndicatorValues } from "./lines_of";
import { type ChartState, type Indicator, moment } from "./state";

/** Asks the API; refusals are thrown. */
export type Ask = (path: string, question: Question, signal?: AbortSignal) => Promise<Columns>;

/** Bars of the first answer, and of each page that scrolling asks for (ours). */
export const FIRST_PAGE = 1_500;
export const PAGE = 2_000;

export type Trouble = Error | null;

/** How the bars changed: all of them are others, some came at a side, or the newest changed. */
export type Change = "all" | "before" | "after" | "newest";

/**
 * The bars of a symbol with their indicators: the newest first, older pages as one scrolls back, newer ones as
 * one comes forward again. Answers to questions that are no longer asked are dropped.
 */
export class Feed {
  readonly store = new BarStore(MOST_BARS);
  readonly values = new IndicatorValues();
  /** Whether the first bars are on their way. */
  loading = true;
  paging: "before" | "after" | null = null;
  trouble: Trouble = null;
  /** When the bars were last known to be the newest, in milliseconds; null before that. */
  freshAt: number | null = null;
  /**
   * Whether the moment is before these bars were collected: then those that had closed stand in, with the values
   * that are known today, and the page says so.
   */
  collectedLater = false;
  /** Indicators to be asked for; others may be chosen later. */
  chosen: ReadonlySet<Indicator>;
  /** Those of the platform's own parameters, by name. */
  own: ReadonlySet<string>;
  /** Live bars that came before the first answer did. */
  private early: Bar[] = [];
  private stop = new AbortController();

  constructor(
    private readonly ask: Ask,
    readonly state: ChartState,
    private readonly changed: (change: Change) => void,
    private readonly now: () => number = () => Date.now() / 1_000,
  ) {
    this.chosen = state.indicators;
    this.own = state.own;
  }

  get step(): number {
    return secondsOf(this.state.timeframe);
  }

  /** The bars, as far as they were known. */
  get bars(): readonly Bar[] {
    return this.store.bars;
  }

  end(): void {
    this.stop.abort();
  }

  /** The first bars: those that the address looks at, else the newest. */
  async begin(): Promise<void> {
    const { view } = this.state;
    const wanted = view === null ? FIRST_PAGE : Math.max(FIRST_PAGE, Math.min(MOST_BARS, view.bars * 2));
    const until = view === null ? null : view.to + this.step * Math.max(200, view.bars / 2);
    const end = until === null || until >= (this.state.asOf ?? this.now()) ? this.state.asOf : until;
    await this.guarded(async () => {
      let { bars, more } = await this.page(end, wanted);
      if (bars.length === 0 && this.state.asOf !== null) {
        this.collectedLater = true;
        ({ bars, more } = await this.page(end, wanted));
        this.collectedLater = bars.length > 0;
      }
      this.store.reset(bars, more, end !== null && end !== this.state.asOf);
      this.loading = false;
      this.freshAt = Date.now();
      for (const bar of this.early.splice(0)) this.store.live(bar);
      this.changed("all");
    });
    this.loading = false;
    if (this.trouble !== null) this.changed("all");
  }

  /** One page of older bars, unless one is on its way or there are none. */
  async before(): Promise<void> {
    const first = this.store.first;
    if (this.paging !== null || first === undefined || !this.store.moreBefore) return;
    await this.inTurn("before", async () => {
      const { bars, more } = await this.page(first.time, PAGE);
      this.store.addBefore(bars, more);
    });
  }

  /** One page of newer bars after those that are held. */
  async after(): Promise<void> {
    const last = this.store.last;
    if (this.paging !== null || last === undefined || !this.store.moreAfter) return;
    await this.inTurn("after", async () => {
      const length = PAGE * this.step;
      // a stretch without bars is no end: look farther until there are some, or now is reached
      for (let from = last.time + this.step; ; from += length) {
        const { bars } = await this.page(from + length, PAGE, from);
        const done = from + length >= (this.state.asOf ?? this.now());
        if (bars.length > 0 || done) {
          this.store.addAfter(bars, !done);
          return;
        }
      }
    });
  }

  /** Newest bars that closed since the last one; how the page lives where there is no socket. */
  async poll(): Promise<void> {
    const last = this.store.last;
    if (last === undefined || this.store.moreAfter || this.state.asOf !== null) return;
    const since = last.closed ? last.time + this.step : last.time;
    await this.guarded(async () => {
      const { bars } = await this.page(null, PAGE, since);
      this.freshAt = Date.now();
      this.store.addAfter(bars, false);
      const forming = await this.forming();
      if (bars.length > 0 || forming) this.changed("newest");
    });
  }

  /** The bar that forms now, where no stream tells it. Whether there is one. */
  private async forming(): Promise<boolean> {
    const answer = await this.ask("candles/latest", this.question({}), this.stop.signal);
    const bar = barsOf(answer)[0];
    if (bar === undefined || bar.time + this.step <= this.now()) return false;
    return this.store.live({ ...bar, closed: false }) !== null;
  }

  /** A bar of the live stream. One that leaves a hole behind it makes the feed ask for what is missing. */
  live(bar: Bar): void {
    if (this.state.asOf !== null) return;
    if (this.loading) {
      this.early.push(bar);
      return;
    }
    const last = this.store.last;
    if (last !== undefined && bar.time > last.time + this.step) void this.poll();
    if (this.store.live(bar) === null) return;
    this.freshAt = Date.now();
    this.changed("newest");
  }

  /** Indicators of the bars at hand anew, when others are chosen or bars closed. */
  async indicators(from?: number): Promise<void> {
    const first = from ?? this.store.first?.time;
    if (first === undefined) return;
    await this.guarded(async () => {
      await this.indicatorsOf(first, null, MOST_BARS);
    });
  }

  private async page(end: number | null, limit: number, start: number | null = null): Promise<{ bars: Bar[]; more: boolean }> {
    const question = this.question({ limit, end: end === null ? null : moment(end), start: start === null ? null : moment(start) });
    const answer = await this.ask("candles", { ...question, fields: FIELDS }, this.stop.signal);
    const known = barsKnownAt(barsOf(answer), this.step, this.state.asOf);
    const first = known[0];
    if (first !== undefined) await this.indicatorsOf(first.time, end, limit);
    return { bars: [...known], more: answer.next !== null };
  }

  private async indicatorsOf(from: number, end: number | null, limit: number): Promise<void> {
    await Promise.all([this.usualOf(from, end, limit), this.ownOf(from, end, limit)]);
  }

  /** Values by name and bar, as many as one page holds: the newest, where there are more. */
  private async ownOf(from: number, end: number | null, limit: number): Promise<void> {
    if (this.own.size === 0) return;
    const most = Math.min((limit + 1) * this.own.size, MOST_ROWS);
    const question = this.question({ start: moment(from), end: end === null ? null : moment(end), limit: most });
    try {
      const asked = { ...question, indicator: [...this.own].join(","), fields: "ts,indicator,value" };
      this.values.addSeries(await this.ask("indicators/series", asked, this.stop.signal));
    } catch (error) {
      // an older API has none: the bars are none the worse for it
      if (!(error instanceof Problem) || error.status !== 404) throw error;
    }
  }

  private async usualOf(from: number, end: number | null, limit: number): Promise<void> {
    const columns = columnsOf(this.chosen);
    if (columns.length === 0) return;
    const question = this.question({ start: moment(from), end: end === null ? null : moment(end), limit: Math.min(limit + 1, MOST_BARS) });
    this.values.add(await this.ask("indicators", { ...question, fields: ["ts", ...columns].join(",") }, this.stop.signal));
  }

  private question(more: Question): Question {
    const { symbol, venue, timeframe, asOf } = this.state;
    return { symbol, venue, timeframe, as_of: asOf === null || this.collectedLater ? null : moment(asOf), ...more };
  }

  private async inTurn(side: "before" | "after", run: () => Promise<void>): Promise<void> {
    this.paging = side;
    await this.guarded(run);
    this.paging = null;
    this.changed(side);
  }

  /** Run, and keep what went wrong; what was called off is no trouble. */
  private async guarded(run: () => Promise<void>): Promise<void> {
    try {
      await run();
      this.trouble = null;
    } catch (error) {
      if (!this.stop.signal.aborted) this.trouble = error instanceof Error ? error : new Error(String(error));
    }
  }
}

/** Rows of one answer at most, as the API has it. */
const MOST_ROWS = 20_000;
const FIELDS = "ts,open,high,low,close,volume";
