import { PageHead, Tabs } from "../../ui/parts";
import { route, setParameters } from "../../ui/router";
import { Confluence } from "./confluence";
import { Forming, NewPatterns } from "./forming";
import "./patterns.css";
import { PerformanceBesideChance } from "./performance";
import { SignalsNow } from "./signals";
import "../market/market.css";

const TABS = [
  { name: "signals", title: "Signals now" },
  { name: "forming", title: "Forming" },
  { name: "new", title: "New patterns" },
  { name: "chance", title: "Beside chance" },
] as const;

type Name = (typeof TABS)[number]["name"];

export function View() {
  const asked = route.value.parameters.get("tab");
  const chosen: Name = TABS.find((tab) => tab.name === asked)?.name ?? "signals";
  return (
    <>
      <PageHead title="Patterns and signals">
        <Tabs label="Patterns and signals" tabs={TABS} chosen={chosen} choose={(tab) => setParameters({ tab: tab === "signals" ? null : tab })} />
      </PageHead>
      {chosen === "signals" ? (
        <div class="stack">
          <SignalsNow />
          <Confluence />
        </div>
      ) : null}
      {chosen === "forming" ? <Forming /> : null}
      {chosen === "new" ? <NewPatterns /> : null}
      {chosen === "chance" ? <PerformanceBesideChance /> : null}
    </>
  );
}
