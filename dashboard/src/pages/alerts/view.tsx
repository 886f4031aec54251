import { useEffect } from "preact/hooks";
import { serverNow } from "../../api/connection";
import { PageHead, Tabs } from "../../ui/parts";
import { route, setParameters } from "../../ui/router";
import "../market/market.css";
import "../patterns/patterns.css";
import "./alerts.css";
import { AlertList } from "./list";
import { Rules } from "./rules";
import { markSeen } from "./unread";

type Name = "alerts" | "rules";

export function View() {
  const chosen: Name = route.value.parameters.get("tab") === "rules" ? "rules" : "alerts";
  useEffect(() => {
    markSeen(serverNow());
    return () => markSeen(serverNow());
  }, []);
  return (
    <>
      <PageHead title="Alerts" lead={chosen === "rules" ? "Rules of your own" : "What happened in the markets"}>
        <Tabs<Name>
          label="Alerts"
          tabs={[
            { name: "alerts", title: "Alerts" },
            { name: "rules", title: "Rules" },
          ]}
          chosen={chosen}
          choose={(tab) => setParameters({ tab: tab === "alerts" ? null : tab })}
        />
      </PageHead>
      {chosen === "rules" ? <Rules /> : <AlertList />}
    </>
  );
}
