import { connection } from "../api/connection";
import { useGet, useReading } from "../api/reading";
import { useWake } from "../live/wake";
import { seenUntil } from "../pages/alerts/unread";
import { now } from "./clock";
import { age, clock, fullTime } from "./format";
import { marketHealth } from "./freshness";
import { Icon } from "./icons";
import { hrefOf } from "./router";

/** What `/api/v1/status` tells, as far as the page uses it. */
export interface Status {
  readonly dagster_url?: string | null;
  readonly version?: string | null;
}

/** Connection, freshness, unread alerts, and the server's time in UTC: always in sight. */
export function StatusBar() {
  const link = connection.value;
  const freshness = useReading("freshness", {}, { every: 15_000 });
  const health = marketHealth(freshness.data, now.value);
  const away = link.state === "away";
  return (
    <footer class="statusbar">
      <span title={away ? `No answer since ${fullTime(link.since)}` : "The API answers"} role="status">
        <i class={`dot ${away ? "bad" : link.state === "up" ? "good" : ""}`} />
        {away ? `API away for ${age(link.since, Date.now())}` : link.state === "up" ? "Connected" : "Connecting"}
      </span>
      {health ? (
        <a href={hrefOf("health")} title={health.about}>
          <i class={`dot ${health.tone}`} />
          {health.text}
        </a>
      ) : null}
      <span class="end">
        <Unread />
        <time title={fullTime(now.value)}>{clock(now.value)} UTC</time>
      </span>
    </footer>
  );
}

/** More than these are just many. */
const MOST_UNREAD = 100;

function Unread() {
  const alerts = useReading("alerts", { start: seenUntil.value, fields: "ts,severity", limit: MOST_UNREAD }, { every: 15_000 });
  useWake("alerts", {}, alerts);
  const unread = alerts.data?.rows ?? 0;
  return (
    <a href={hrefOf("alerts")} title={`Alerts since ${fullTime(seenUntil.value)}`} aria-label={`${unread} unread alerts`}>
      <Icon name="bell" size={12} /> {unread >= MOST_UNREAD ? `${MOST_UNREAD}+` : unread}
    </a>
  );
}

export function useStatus() {
  return useGet<Status>("/api/v1/status", {}, { every: 60_000 });
}
