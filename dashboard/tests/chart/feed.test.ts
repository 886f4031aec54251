import { expect, test } from "vitest";
import type { Columns, Question } from "../../src/api/client";
import { Feed } from "../../src/pages/chart/feed";
import { stateOf } from "../../src/pages/chart/state";

const MINUTE = 60;
const FIRST = Date.UTC(2026, 10, 1) / 1000;
const NOW = FIRST + 30_000 * MINUTE;

/** A venue with a bar in every minute but those of `missing`, that answers as the API does: newest first, by limit. */
function venue(missing: (time: number) => boolean = () => false, knownFrom = 0) {
  const asked: { path: string; question: Question }[] = [];
  const ask = async (path: string, question: Question): Promise<Columns> => {
    asked.push({ path, question });
    if (path !== "candles") return { columns: { ts: [] }, rows: 0, next: null };
    const seconds = (name: string, without: number) => (typeof question[name] === "string" ? Date.parse(question[name]) / 1000 : without);
    if (seconds("as_of", Infinity) < knownFrom) return { columns: {}, rows: 0, next: null };
    const end = Math.min(seconds("end", NOW), NOW);
    const times: number[] = [];
    const limit = Number(question["limit"]);
    let time = Math.ceil(end / MINUTE) * MINUTE - MINUTE;
    for (; time >= Math.max(FIRST, seconds("start", FIRST)) && times.length <= limit; time -= MINUTE) if (!missing(time)) times.push(time);
    const shown = times.slice(0, limit);
    const prices = shown.map(() => 1);
    const columns = { ts: shown.map((each) => each * 1000), open: prices, high: prices, low: prices, close: prices, volume: prices };
    return { columns, rows: shown.length, next: times.length > limit ? "more" : null };
  };
  return { ask, asked };
}

const feedOf = (source: ReturnType<typeof venue>, parameters: string) =>
  new Feed(source.ask, stateOf(new URLSearchParams(`timeframe=1m&indicators=none&${parameters}`)), () => undefined, () => NOW);

const isWhole = (feed: Feed) => feed.bars.every((bar, place) => place === 0 || bar.time - (feed.bars[place - 1]?.time ?? 0) === MINUTE);

test("20,000 bars can be scrolled through, no more are held, and the way back to the newest is whole", async () => {
  const source = venue();
  const feed = feedOf(source, "");
  await feed.begin();
  expect([feed.bars.length, feed.store.moreBefore]).toEqual([1_500, true]);
  for (let page = 0; page < 12; page++) await feed.before();
  expect(feed.bars.length).toBe(20_000);
  expect(feed.store.moreAfter).toBe(true);
  expect(isWhole(feed)).toBe(true);
  for (let page = 0; page < 8 && feed.store.moreAfter; page++) await feed.after();
  expect(feed.store.last?.time).toBe(NOW - MINUTE);
  expect([feed.bars.length, isWhole(feed), feed.store.moreAfter]).toEqual([20_000, true, false]);
});

test("a stretch without bars is no end: paging goes on behind it, both ways", async () => {
  const hole = (time: number) => time >= FIRST + 12_000 * MINUTE && time < FIRST + 18_000 * MINUTE;
  const feed = feedOf(venue(hole), "to=2026-11-09T00:00:00Z&bars=100");
  await feed.begin();
  expect(feed.store.moreAfter).toBe(true);
  await feed.after();
  await feed.after();
  expect((feed.store.last?.time ?? 0) > FIRST + 18_000 * MINUTE).toBe(true);
  const back = feedOf(venue(hole), "to=2026-11-13T13:00:00Z&bars=100");
  await back.begin();
  await back.before();
  expect((back.store.first?.time ?? 0) < FIRST + 12_000 * MINUTE).toBe(true);
});

test("a moment of the past is sent with every question, and nothing of later is shown", async () => {
  const source = venue();
  const feed = feedOf(source, "as_of=2026-11-10T00:00:30Z");
  await feed.begin();
  await feed.before();
  expect(source.asked.every(({ question }) => question["as_of"] === "2026-11-10T00:00:30Z")).toBe(true);
  expect(feed.store.last?.time).toBe(Date.UTC(2026, 10, 9, 23, 59) / 1000);
  feed.live({ time: NOW, open: 1, high: 1, low: 1, close: 1, volume: 1, closed: false });
  await feed.poll();
  expect(feed.store.last?.time).toBe(Date.UTC(2026, 10, 9, 23, 59) / 1000);
});

test("bars that were collected later stand in, cut at the moment, and that is told", async () => {
  const feed = feedOf(venue(undefined, NOW - 60), "as_of=2026-11-10T00:00:00Z");
  await feed.begin();
  expect(feed.collectedLater).toBe(true);
  expect(feed.store.last?.time).toBe(Date.UTC(2026, 10, 9, 23, 59) / 1000);
  const known = feedOf(venue(), "as_of=2026-11-10T00:00:00Z");
  await known.begin();
  expect(known.collectedLater).toBe(false);
});

test("a live bar that leaves a hole makes the feed ask for what is missing", async () => {
  const source = venue();
  const feed = feedOf(source, "");
  await feed.begin();
  const before = source.asked.length;
  feed.live({ time: NOW + 5 * MINUTE, open: 1, high: 1, low: 1, close: 1, volume: 1, closed: false });
  await Promise.resolve();
  expect(source.asked.length).toBeGreaterThan(before);
  expect(source.asked[before]?.question["start"]).toBe(new Date(NOW * 1000).toISOString().replace(".000", ""));
});

test("what goes wrong is kept in words, and a later answer takes it away", async () => {
  let fails = true;
  const source = venue();
  const ask: typeof source.ask = (path, question) => (fails ? Promise.reject(new Error("the API is away")) : source.ask(path, question));
  const feed = new Feed(ask, stateOf(new URLSearchParams("timeframe=1m&indicators=none")), () => undefined, () => NOW);
  await feed.begin();
  expect([feed.trouble?.message, feed.bars.length, feed.loading]).toEqual(["the API is away", 0, false]);
  fails = false;
  await feed.begin();
  expect([feed.trouble, feed.bars.length]).toEqual([null, 1_500]);
});
