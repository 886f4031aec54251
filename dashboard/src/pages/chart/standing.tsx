import { now } from "../../ui/clock";
import { age, count, fullTime, time } from "../../ui/format";
import type { Feed } from "./feed";
import { type Liveness, POLL_EVERY } from "./live";
import type { Told } from "./overlays";
import { type ChartState, OVERLAYS, type Overlay } from "./state";

interface Props {
  readonly state: ChartState;
  readonly feed: Feed | null;
  readonly live: Liveness;
  readonly told: ReadonlyMap<Overlay, Told>;
}

/** How fresh the chart is, how it is kept so, and what could not be asked: always in words. */
export function Standing({ state, feed, live, told }: Props) {
  const last = feed?.store.last;
  const failed = OVERLAYS.filter(({ id }) => "error" in (told.get(id) ?? {}));
  return (
    <div class="chart-standing">
      <Freshness feed={feed} live={live} />
      {last === undefined ? null : (
        <span title={fullTime((last.time + (last.closed ? (feed?.step ?? 0) : 0)) * 1_000)}>
          {last.closed ? "Last close" : "Forming since"} {time((last.time + (last.closed ? (feed?.step ?? 0) : 0)) * 1_000, now.value)} UTC
        </span>
      )}
      {feed === null ? null : (
        <span>
          {count(feed.bars.length)} bars of {state.timeframe} held
          {feed.paging === null ? "" : ", more on their way"}
        </span>
      )}
      {failed.map(({ id, title }) => {
        const what = told.get(id);
        return (
          <span key={id} class="wrong" title={what !== undefined && "error" in what ? what.error : ""}>
            {title}: could not be asked
          </span>
        );
      })}
      <span class="dim chart-hint">1–7 bars · ← → move · + − zoom · b time machine</span>
    </div>
  );
}

/** Bars are late when none came for two of their lengths and half a minute. */
export function isLate(lastTime: number, step: number, nowSeconds: number): boolean {
  return nowSeconds - (lastTime + step) > step + 30;
}

function Freshness({ feed, live }: { readonly feed: Feed | null; readonly live: Liveness }) {
  if (live.kind === "past") return <span role="status"><i class="dot" /> A moment of the past: it does not change</span>;
  const last = feed?.store.last;
  const late = feed !== null && last !== undefined && !feed.store.moreAfter && isLate(last.time, feed.step, now.value / 1_000);
  if (feed?.trouble)
    return (
      <span role="status" class="wrong">
        <i class="dot bad" /> Stale: {feed.trouble.message === "Failed to fetch" ? "the API does not answer" : feed.trouble.message}
        {feed.freshAt === null ? "" : `; as of ${age(feed.freshAt, Date.now())} ago`}
      </span>
    );
  if (late)
    return (
      <span role="status" title="No bar came for more than its length">
        <i class="dot warn" /> Late: the newest bar is of {age((last.time + feed.step) * 1_000, now.value)} ago
      </span>
    );
  if (live.kind === "stream") return <span role="status"><i class="dot good" /> Live</span>;
  return (
    <span role="status" title={`Asked every ${POLL_EVERY / 1_000} s: ${live.reason}`}>
      <i class="dot warn" /> Polling: {live.reason}
    </span>
  );
}
