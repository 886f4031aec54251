/** Asks the same question again and again: keeps what it has, says how old it is, backs off, comes back. */

/** What a page knows of one question. */
export interface Resource<Data> {
  /**
   * idle: not asked. loading: asked, nothing yet. ready: answered, and the newest that was asked for.
   * stale: there are data, but asking again failed. failed: there is nothing, and asking failed.
   */
  readonly state: "idle" | "loading" | "ready" | "stale" | "failed";
  readonly data: Data | null;
  /** When the data came, in milliseconds of this machine's clock. */
  readonly at: number | null;
  readonly error: Error | null;
  /** When it is asked again after a failure; null where it is not. */
  readonly retryAt: number | null;
  /** Ask again now. */
  readonly again: () => void;
}

export interface Pace {
  /** Milliseconds between an answer and the next question; null: ask once. */
  readonly every: number | null;
}

/** The first wait after a failure, and the longest (ours): a restarted API is found again within 15 s. */
export const FIRST_WAIT = 1_000;
export const LONGEST_WAIT = 15_000;

/** The wait after so many failures in a row. */
export function waitAfter(failures: number): number {
  return Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.max(0, failures - 1));
}

/** Whether asking the same again can help: a refusal stays one (4xx), silence and 5xx may pass. */
export function mayPass(error: Error): boolean {
  const status = (error as { status?: number }).status;
  return status === undefined || status >= 500 || status === 429 || status === 408;
}

export class Asker<Data> {
  private timer: ReturnType<typeof setTimeout> | null = null;
  private running: AbortController | null = null;
  private failures = 0;
  private stopped = false;
  private resource: Resource<Data>;

  constructor(
    private readonly question: (signal: AbortSignal) => Promise<Data>,
    private readonly pace: Pace,
    private readonly tell: (resource: Resource<Data>) => void,
    before: Resource<Data> | null = null,
  ) {
    const kept = before?.data ?? null;
    this.resource = {
      state: kept === null ? "loading" : "ready",
      data: kept,
      at: before?.at ?? null,
      error: null,
      retryAt: null,
      again: () => this.again(),
    };
  }

  /** Begin; call once. */
  start(): void {
    this.tell(this.resource);
    void this.round();
  }

  /** Ask now, whatever the wait. */
  again(): void {
    if (this.stopped || this.running) return;
    this.cancelTimer();
    void this.round();
  }

  /** Nobody looks any more: what is under way is called off, nothing is told. */
  stop(): void {
    this.stopped = true;
    this.cancelTimer();
    this.running?.abort();
  }

  private async round(): Promise<void> {
    const running = new AbortController();
    this.running = running;
    try {
      const data = await this.question(running.signal);
      this.running = null;
      if (this.stopped) return;
      this.failures = 0;
      this.change({ state: "ready", data, at: Date.now(), error: null, retryAt: null });
      if (this.pace.every !== null) this.later(this.pace.every);
    } catch (error) {
      this.running = null;
      if (this.stopped) return;
      this.failed(error instanceof Error ? error : new Error(String(error)));
    }
  }

  private failed(error: Error): void {
    this.failures += 1;
    const wait = mayPass(error) ? waitAfter(this.failures) : null;
    const state = this.resource.data === null ? "failed" : "stale";
    this.change({ state, error, retryAt: wait === null ? null : Date.now() + wait });
    if (wait !== null) this.later(wait);
  }

  private later(wait: number): void {
    this.cancelTimer();
    this.timer = setTimeout(() => void this.round(), wait);
  }

  private cancelTimer(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  private change(changes: Partial<Resource<Data>>): void {
    this.resource = { ...this.resource, ...changes };
    this.tell(this.resource);
  }
}
