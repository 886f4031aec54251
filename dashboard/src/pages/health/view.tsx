import { useReading } from "../../api/reading";
import { ExternalLink, PageHead, Tabs } from "../../ui/parts";
import { route, setParameters } from "../../ui/router";
import { useStatus } from "../../ui/status_bar";
import { Gaps, QualityCalendar } from "./gaps";
import "../market/market.css";
import "../patterns/patterns.css";
import "./health.css";
import { FreshnessMatrix, HealthFigures, PlatformAlerts, Sources } from "./overview";
import { Streams } from "./streams";

const TABS = [
  { name: "now", title: "Now" },
  { name: "gaps", title: "Gaps" },
  { name: "quality", title: "Quality" },
  { name: "streams", title: "Streams and books" },
  { name: "sources", title: "Sources" },
] as const;

type Name = (typeof TABS)[number]["name"];

export function View() {
  const chosen: Name = TABS.find((tab) => tab.name === route.value.parameters.get("tab"))?.name ?? "now";
  const overview = useReading("market/overview", {}, { every: 5_000 });
  const platform = useReading("alerts/platform", { open: true }, { every: 15_000 });
  const dagster = useStatus().data?.dagster_url ?? null;
  return (
    <div class="health">
      <PageHead title="Data health">
        <Tabs label="Data health" tabs={TABS} chosen={chosen} choose={(tab) => setParameters({ tab: tab === "now" ? null : tab })} />
        {dagster ? <ExternalLink href={dagster}>Dagster</ExternalLink> : null}
      </PageHead>
      {chosen === "now" ? (
        <>
          <HealthFigures overview={overview} platform={platform} />
          <div class="grid">
            <FreshnessMatrix />
            <PlatformAlerts of={platform} />
          </div>
        </>
      ) : null}
      {chosen === "gaps" ? <Gaps /> : null}
      {chosen === "quality" ? <QualityCalendar /> : null}
      {chosen === "streams" ? <Streams dagster={dagster} /> : null}
      {chosen === "sources" ? <Sources /> : null}
    </div>
  );
}
