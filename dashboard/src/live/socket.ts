import { signal, type ReadonlySignal } from "@preact/signals";
import { parse, type Channel, type Row, type ServerMessage, type Wanted } from "./protocol";

/** What a handler is told. After a snapshot what was told before it is void. */
export interface LiveEvent {
  readonly kind: "snapshot" | "update";
  /** Rows in the order in which they came; one that has the key of an earlier one takes its place. */
  readonly rows: readonly Row[];
}

export type Handler = (event: LiveEvent) => void;
export type Refused = (message: string, field: string | null) => void;

/** connecting: not yet, or not any more; live; away: we are connected, the server's database is not. */
export type ConnectionState = "connecting" | "live" | "away";

export const COALESCE_MS = 250;
export const SILENCE_MS = 30_000;
export const MOST_WAITING_ROWS = 5_000;
const LONGEST_PAUSE_MS = 15_000;

/** The part of the browser's WebSocket that is used: tests bring one of their own. */
export interface Wire {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  send(text: string): void;
  close(): void;
}

interface Subscription {
  readonly id: number;
  readonly channel: Channel;
  readonly wanted: Wanted;
  readonly handlers: Map<Handler, Refused | undefined>;
  topic: string | null;
  /** The sequence number of the latest message; null until a snapshot came. */
  seq: number | null;
  waiting: Row[];
  timer: ReturnType<typeof setTimeout> | null;
}

/** One socket for a page: what is subscribed to, kept whole over gaps and reconnections. */
export class LiveSocket {
  readonly #state = signal<ConnectionState>("connecting");
  readonly #reason = signal("");
  readonly #subscriptions = new Map<number, Subscription>();
  readonly #byTopic = new Map<string, Subscription>();
  #wire: Wire | null = null;
  #open = false;
  #closed = false;
  #failures = 0;
  #nextId = 1;
  #received = 0;
  #retry: ReturnType<typeof setTimeout> | null = null;
  #silence: ReturnType<typeof setTimeout> | null = null;
  /** How often something was missing, for those who look after it. */
  gaps = 0;

  constructor(
    private readonly connect: () => Wire,
    private readonly token: () => string | null = () => null,
  ) {}

  get state(): ReadonlySignal<ConnectionState> {
    return this.#state;
  }

  /** Why the connection is not live, in words; empty while it is. */
  get reason(): ReadonlySignal<string> {
    return this.#reason;
  }

  /** Follow a channel until the function that is returned is called. Handlers are told 4 times a second at most. */
  subscribe(channel: Channel, wanted: Wanted, handler: Handler, refused?: Refused): () => void {
    const subscription = this.#same(channel, wanted) ?? this.#add(channel, wanted);
    subscription.handlers.set(handler, refused);
    if (!this.#wire && !this.#retry) this.#begin();
    else if (this.#open) this.#ask(subscription); // again for one more handler: it needs a snapshot too
    return () => this.#leave(subscription, handler);
  }

  /** End for good. */
  close(): void {
    this.#closed = true;
    for (const timer of [this.#retry, this.#silence]) if (timer) clearTimeout(timer);
    for (const each of this.#subscriptions.values()) if (each.timer) clearTimeout(each.timer);
    this.#subscriptions.clear();
    this.#byTopic.clear();
    this.#wire?.close();
    this.#wire = null;
  }

  #same(channel: Channel, wanted: Wanted): Subscription | undefined {
    const key = keyOf(channel, wanted);
    for (const each of this.#subscriptions.values()) if (keyOf(each.channel, each.wanted) === key) return each;
    return undefined;
  }

  #add(channel: Channel, wanted: Wanted): Subscription {
    const id = this.#nextId++;
    const handlers: Subscription["handlers"] = new Map();
    const added = { id, channel, wanted, handlers, topic: null, seq: null, waiting: [], timer: null };
    this.#subscriptions.set(id, added);
    return added;
  }

  #leave(subscription: Subscription, handler: Handler): void {
    if (!subscription.handlers.delete(handler) || subscription.handlers.size) return;
    this.#forget(subscription);
    if (this.#open) {
      this.#send({ op: "unsubscribe", id: subscription.id, channel: subscription.channel, ...subscription.wanted });
    }
  }

  #forget(subscription: Subscription): void {
    this.#subscriptions.delete(subscription.id);
    if (subscription.topic && this.#byTopic.get(subscription.topic) === subscription) {
      this.#byTopic.delete(subscription.topic);
    }
    if (subscription.timer) clearTimeout(subscription.timer);
  }

  // the connection ---------------------------------------------------------------------------------------

  #begin(): void {
    this.#retry = null;
    let wire: Wire;
    try {
      wire = this.connect();
    } catch {
      this.#again("the address cannot be connected to");
      return;
    }
    this.#wire = wire;
    wire.onopen = () => this.#opened(wire);
    wire.onmessage = (event) => {
      if (this.#wire === wire) this.#take(event.data);
    };
    wire.onclose = (event) => {
      if (this.#wire === wire) this.#again(event.reason || `the connection was closed (${event.code})`);
    };
    this.#listen();
  }

  #opened(wire: Wire): void {
    if (this.#wire !== wire) return;
    this.#received = 0;
    const token = this.token();
    if (token !== null) this.#send({ op: "hello", token });
  }

  #again(why: string): void {
    this.#wire = null;
    this.#open = false;
    if (this.#silence) clearTimeout(this.#silence);
    if (this.#closed) return;
    this.#state.value = "connecting";
    this.#reason.value = why;
    this.#byTopic.clear();
    for (const each of this.#subscriptions.values()) {
      each.topic = null;
      each.seq = null;
    }
    this.#failures += 1;
    const pause = Math.min(LONGEST_PAUSE_MS, 500 * 2 ** (this.#failures - 1)) * (0.5 + Math.random() / 2);
    this.#retry = setTimeout(() => this.#begin(), pause);
  }

  /** A connection on which nothing comes, no heartbeat either, is dead. */
  #listen(): void {
    if (this.#silence) clearTimeout(this.#silence);
    this.#silence = setTimeout(() => {
      const wire = this.#wire;
      this.#again("nothing was heard for too long");
      wire?.close();
    }, SILENCE_MS);
  }

  #send(message: object): void {
    this.#wire?.send(JSON.stringify(message));
  }

  #ask(subscription: Subscription): void {
    subscription.seq = null;
    this.#send({ op: "subscribe", id: subscription.id, channel: subscription.channel, ...subscription.wanted });
  }

  // what comes -------------------------------------------------------------------------------------------

  #take(text: unknown): void {
    const message = parse(text);
    if (!message) return;
    this.#listen();
    switch (message.type) {
      case "welcome":
        if (!message.token_needed) this.#welcome();
        break;
      case "snapshot":
        this.#snapshot(message);
        break;
      case "update":
        this.#update(message);
        break;
      case "heartbeat":
        // it says how many messages were sent before it: fewer here, and some did not arrive
        if (message.messages !== this.#received) this.#lost();
        this.#send({ op: "heartbeat" });
        break;
      case "status":
        this.#state.value = message.source === "live" ? "live" : "away";
        this.#reason.value = message.source === "live" ? "" : (message.reason ?? "the database is away");
        break;
      case "error":
        this.#refused(message);
        break;
      case "resync": // a snapshot follows
      case "unsubscribed":
        break;
    }
    this.#received += 1;
  }

  #welcome(): void {
    this.#open = true;
    this.#failures = 0;
    this.#state.value = "live";
    this.#reason.value = "";
    for (const each of this.#subscriptions.values()) this.#ask(each);
  }

  #snapshot(message: Extract<ServerMessage, { type: "snapshot" | "update" }>): void {
    const known = message.id === undefined ? undefined : this.#subscriptions.get(message.id);
    const subscription = known ?? this.#byTopic.get(message.topic);
    if (!subscription) return;
    this.#byTopic.set(message.topic, subscription);
    subscription.topic = message.topic;
    subscription.seq = message.seq;
    subscription.waiting = [];
    if (subscription.timer) clearTimeout(subscription.timer);
    subscription.timer = null;
    tell(subscription, { kind: "snapshot", rows: message.data });
  }

  #update(message: Extract<ServerMessage, { type: "snapshot" | "update" }>): void {
    const subscription = this.#byTopic.get(message.topic);
    if (!subscription || subscription.seq === null) return; // its snapshot is on its way
    if (message.seq !== subscription.seq + 1) {
      this.gaps += 1;
      this.#ask(subscription);
      return;
    }
    subscription.seq = message.seq;
    if (subscription.channel === "book") subscription.waiting = [];
    subscription.waiting.push(...message.data);
    if (subscription.waiting.length > MOST_WAITING_ROWS) {
      subscription.waiting = [];
      this.#ask(subscription);
      return;
    }
    subscription.timer ??= setTimeout(() => flush(subscription), COALESCE_MS);
  }

  #lost(): void {
    this.gaps += 1;
    this.#received = 0;
    const wire = this.#wire;
    this.#again("messages were lost");
    wire?.close();
  }

  #refused(message: Extract<ServerMessage, { type: "error" }>): void {
    const subscription = message.id === undefined ? undefined : this.#subscriptions.get(message.id);
    if (!subscription) {
      this.#reason.value = message.message;
      return;
    }
    this.#forget(subscription);
    for (const refused of subscription.handlers.values()) refused?.(message.message, message.field ?? null);
  }
}

function flush(subscription: Subscription): void {
  subscription.timer = null;
  const rows = subscription.waiting;
  subscription.waiting = [];
  if (rows.length) tell(subscription, { kind: "update", rows });
}

function tell(subscription: Subscription, event: LiveEvent): void {
  for (const handler of subscription.handlers.keys()) {
    try {
      handler(event);
    } catch (error) {
      console.error("a handler of live data failed", error); // the others are told all the same
    }
  }
}

function keyOf(channel: Channel, wanted: Wanted): string {
  return JSON.stringify([channel, wanted.symbol, wanted.venue, wanted.timeframe, wanted.dataset]);
}

/** The address of the page's own server. */
export function address(place: Location = location): string {
  return `${place.protocol === "https:" ? "wss" : "ws"}://${place.host}/ws`;
}

/** The page's socket: `live.subscribe("candles", {symbol, venue, timeframe}, (event) => ...)`. */
export const live = new LiveSocket(
  () => new WebSocket(address()) as unknown as Wire,
  () => sessionStorage.getItem("alphapulse-token"),
);
