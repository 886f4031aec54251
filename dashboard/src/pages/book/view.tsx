import { useMemo } from "preact/hooks";
import { PageHead } from "../../ui/parts";
import { route, setParameters } from "../../ui/router";
import { useKeys } from "../../ui/use_keys";
import "./book.css";
import { Cumulative } from "./cumulative";
import { Heatmap } from "./heatmap";
import { Imbalance } from "./imbalance";
import { Ladder } from "./ladder";
import { REACHES, stateOf, WINDOWS } from "./state";
import { Trust, TrustLabel, useTrust } from "./trust";
import { useBook } from "./use_book";
import { useDepth } from "./use_depth";
import { Whales } from "./whales";

export function View() {
  const text = route.value.parameters.toString();
  const state = useMemo(() => stateOf(new URLSearchParams(text)), [text]);
  const depth = useDepth(state);
  const book = useBook(state);
  const trust = useTrust(state);
  const unit = depth.data?.unit || "base";
  useKeys([
    ...WINDOWS.map(({ name }, place) => ({ keys: String(place + 1), meaning: `depth of the last ${name}`, run: () => setParameters({ window: name }) })),
    { keys: "+", meaning: "a narrower price range", run: () => setParameters({ reach: String(stepped(state.reach, -1)) }) },
    { keys: "=", meaning: "a narrower price range", run: () => setParameters({ reach: String(stepped(state.reach, -1)) }) },
    { keys: "-", meaning: "a wider price range", run: () => setParameters({ reach: String(stepped(state.reach, 1)) }) },
    { keys: "o", meaning: "trades on the heatmap, or not", run: () => setParameters({ trades: state.trades ? "off" : null }) },
  ]);
  return (
    <div class="book-page">
      <PageHead title={`Book of ${state.symbol}`} lead={state.venue}>
        <TrustLabel of={trust} />
      </PageHead>
      <div class="grid">
        <Heatmap state={state} of={depth} />
        <Ladder state={state} of={book} unit={unit} />
        <Cumulative state={state} of={depth} />
        <Imbalance state={state} of={book} />
        <Trust of={trust} />
        <Whales key={`${state.venue} ${state.symbol}`} state={state} />
      </div>
    </div>
  );
}

function stepped(reach: number, by: number): number {
  const at = REACHES.findIndex((each) => each === reach);
  return REACHES[Math.min(REACHES.length - 1, Math.max(0, at + by))] ?? reach;
}
