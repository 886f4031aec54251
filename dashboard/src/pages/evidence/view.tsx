import { PageHead, Tabs } from "../../ui/parts";
import { route, setParameters } from "../../ui/router";
import { Calibration } from "./calibration";
import "./evidence.css";
import { Models } from "./models";
import { SignalsBecame } from "./became";

const TABS = [
  { name: "signals", title: "What became of signals" },
  { name: "scores", title: "Calibration of scores" },
  { name: "models", title: "Models" },
] as const;

type Name = (typeof TABS)[number]["name"];

/** Does it work? What was measured of signals, scores and models, each beside chance. */
export function View() {
  const asked = route.value.parameters.get("tab");
  const chosen: Name = TABS.find((tab) => tab.name === asked)?.name ?? "signals";
  return (
    <>
      <PageHead title="Evidence" lead="Does it work? Each figure beside chance, after costs">
        <Tabs label="Evidence" tabs={TABS} chosen={chosen} choose={(tab) => setParameters({ tab: tab === "signals" ? null : tab })} />
      </PageHead>
      {chosen === "signals" ? <SignalsBecame /> : null}
      {chosen === "scores" ? <Calibration /> : null}
      {chosen === "models" ? <Models /> : null}
    </>
  );
}
