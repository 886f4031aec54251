import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { COALESCE_MS, LiveSocket, MOST_WAITING_ROWS, SILENCE_MS, type LiveEvent, type Wire } from "../src/live/socket";

class FakeWire implements Wire {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  sent: Record<string, unknown>[] = [];
  closed = false;

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }
  close(): void {
    this.closed = true;
  }
  says(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
  opens(): void {
    this.onopen?.();
    this.says({ type: "welcome", heartbeat_seconds: 10 });
  }
  of(op: string): Record<string, unknown>[] {
    return this.sent.filter((each) => each["op"] === op);
  }
}

let wires: FakeWire[] = [];
let socket: LiveSocket;
const last = () => wires[wires.length - 1] as FakeWire;
const BTC = { symbol: "BTC/USDT", venue: "binance", timeframe: "1m" };
const TOPIC = "candles:binance:BTC/USDT:1m";

beforeEach(() => {
  vi.useFakeTimers();
  wires = [];
  socket = new LiveSocket(() => {
    wires.push(new FakeWire());
    return last();
  });
});
afterEach(() => {
  socket.close();
  vi.useRealTimers();
});

function following(): LiveEvent[] {
  const told: LiveEvent[] = [];
  socket.subscribe("candles", BTC, (event) => told.push(event));
  last().opens();
  last().says({ type: "snapshot", id: 1, topic: TOPIC, seq: 0, data: [{ close: 1 }] });
  return told;
}

test("a subscription is asked for after the welcome, and its snapshot told at once", () => {
  const told = following();
  expect(last().of("subscribe")).toEqual([{ op: "subscribe", id: 1, channel: "candles", ...BTC }]);
  expect(told).toEqual([{ kind: "snapshot", rows: [{ close: 1 }] }]);
  expect(socket.state.value).toBe("live");
});

test("updates come together, at most four times a second, and none is left out", () => {
  const told = following();
  for (const seq of [1, 2, 3]) last().says({ type: "update", topic: TOPIC, seq, data: [{ close: seq }] });
  expect(told).toHaveLength(1);
  vi.advanceTimersByTime(COALESCE_MS);
  expect(told[1]).toEqual({ kind: "update", rows: [{ close: 1 }, { close: 2 }, { close: 3 }] });
});

test("of a book only the newest state is told", () => {
  const told: LiveEvent[] = [];
  socket.subscribe("book", { symbol: "BTC/USDT", venue: "binance" }, (event) => told.push(event));
  last().opens();
  last().says({ type: "snapshot", id: 1, topic: "book:binance:BTC/USDT", seq: 0, data: [] });
  for (const seq of [1, 2]) last().says({ type: "update", topic: "book:binance:BTC/USDT", seq, data: [{ seq }] });
  vi.advanceTimersByTime(COALESCE_MS);
  expect(told[1]).toEqual({ kind: "update", rows: [{ seq: 2 }] });
});

test("a missing number asks for a snapshot, and nothing of before it is told after it", () => {
  const told = following();
  last().says({ type: "update", topic: TOPIC, seq: 2, data: [{ close: 9 }] });
  expect(socket.gaps).toBe(1);
  expect(last().of("subscribe")).toHaveLength(2);
  last().says({ type: "update", topic: TOPIC, seq: 3, data: [{ close: 10 }] });
  last().says({ type: "snapshot", id: 1, topic: TOPIC, seq: 0, data: [{ close: 11 }] });
  last().says({ type: "update", topic: TOPIC, seq: 1, data: [{ close: 12 }] });
  vi.advanceTimersByTime(COALESCE_MS);
  expect(told.slice(1)).toEqual([
    { kind: "snapshot", rows: [{ close: 11 }] },
    { kind: "update", rows: [{ close: 12 }] },
  ]);
});

test("a heartbeat that counts more messages than came begins anew", () => {
  following();
  last().says({ type: "heartbeat", messages: 2 }); // welcome and snapshot
  expect(last().of("heartbeat")).toHaveLength(1);
  expect(socket.gaps).toBe(0);
  last().says({ type: "heartbeat", messages: 4 });
  expect(socket.gaps).toBe(1);
  expect(last().closed).toBe(true);
});

test("after a lost connection everything is subscribed again", () => {
  const told = following();
  last().onclose?.({ code: 1006, reason: "" });
  expect(socket.state.value).toBe("connecting");
  vi.advanceTimersByTime(600);
  expect(wires).toHaveLength(2);
  last().opens();
  expect(last().of("subscribe")).toHaveLength(1);
  last().says({ type: "snapshot", id: 1, topic: TOPIC, seq: 0, data: [] });
  expect(told).toHaveLength(2);
});

test("a socket on which nothing comes is given up", () => {
  following();
  vi.advanceTimersByTime(SILENCE_MS);
  expect(wires[0]?.closed).toBe(true);
  vi.advanceTimersByTime(600);
  expect(wires.length).toBeGreaterThan(1);
});

test("two who want the same share a subscription, which ends with the last of them", () => {
  following();
  const leave = socket.subscribe("candles", { ...BTC }, () => undefined);
  expect(last().of("subscribe").map((each) => each["id"])).toEqual([1, 1]);
  leave();
  expect(last().of("unsubscribe")).toHaveLength(0);
});

test("the last one to leave unsubscribes", () => {
  const leave = socket.subscribe("candles", BTC, () => undefined);
  last().opens();
  leave();
  expect(last().of("unsubscribe")).toHaveLength(1);
});

test("a refusal is told to who asked, with the field", () => {
  const refused = vi.fn();
  socket.subscribe("candles", { ...BTC, symbol: "BTC/USD" }, () => undefined, refused);
  last().opens();
  last().says({ type: "error", id: 1, field: "symbol", message: "no BTC/USD; did you mean BTC/USDT?" });
  expect(refused).toHaveBeenCalledWith("no BTC/USD; did you mean BTC/USDT?", "symbol");
});

test("that the database is away is the connection's state", () => {
  following();
  last().says({ type: "status", source: "away", reason: "the database is away" });
  expect(socket.state.value).toBe("away");
  last().says({ type: "status", source: "live" });
  expect(socket.state.value).toBe("live");
});

test("what nobody takes is not kept without bound", () => {
  following();
  const rows = Array.from({ length: MOST_WAITING_ROWS + 1 }, () => ({ close: 1 }));
  last().says({ type: "update", topic: TOPIC, seq: 1, data: rows });
  expect(last().of("subscribe")).toHaveLength(2);
});

test("garbage is left out", () => {
  const told = following();
  last().onmessage?.({ data: "{" });
  last().onmessage?.({ data: new ArrayBuffer(3) });
  last().says({ nothing: 1 });
  expect(told).toHaveLength(1);
});
