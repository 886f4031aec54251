/** Model cards: what each model was worth on time it had not seen, in words first. */
import { rowsOf } from "../../api/client";
import { useNamed } from "../../api/named";
import * as format from "../../ui/format";
import { Known } from "../../ui/known";
import { Badge, Panel } from "../../ui/parts";
import { Diagram } from "./diagram";
import { type Card, cardTone, curveOf } from "./model";

export function Models() {
  const named = useNamed("model_cards", { limit: 100 }, { every: 300_000 });
  return (
    <Known
      of={named}
      rows={8}
      emptyTitle="No model is trained yet"
      empty="Training is an asset of its own, in the group models; until then probabilities come from the shrunk success rates."
    >
      {(answer) => (
        <div class="cards">
          {newestOf(rowsOf<Card>(answer)).map((card) => (
            <CardView key={`${card.model_version} ${card.horizon}`} of={card} />
          ))}
        </div>
      )}
    </Known>
  );
}

/** The newest card of each horizon, the shortest horizon first; rows come newest first. */
export function newestOf(cards: readonly Card[]): Card[] {
  const found = new Map<number, Card>();
  for (const card of cards) {
    const held = found.get(card.horizon);
    if (held === undefined || Date.parse(card.known_at) > Date.parse(held.known_at)) found.set(card.horizon, card);
  }
  return [...found.values()].sort((a, b) => a.horizon - b.horizon);
}

function CardView({ of }: { readonly of: Card }) {
  const curve = curveOf(of.reliability);
  return (
    <Panel
      title={`Probability after ${of.horizon} bars`}
      note={`${format.words(of.kind)}, ${of.model_version}`}
      actions={<Badge tone={cardTone(of.verdict)}>{of.verdict}</Badge>}
      footer={
        <span class="digests" title={`features ${of.features_digest ?? "–"}\ndata ${of.data_digest ?? "–"}`}>
          Learned from {day(of.window_start)} on, judged on {day(of.untouched_from)} to {day(of.ts)}; speaks of events from {format.fullTime(of.known_at)}. Digests: {short(of.features_digest)}, {short(of.data_digest)}
        </span>
      }
      padded
    >
      <dl class="facts">
        <Fact name="Chosen" value={`${format.words(of.chosen)} of ${format.count(of.configurations_tried)} tried`} about={`false-discovery rate q ${format.number(of.q, 2)}`} />
        <Fact name="Ships" value={format.words(of.shipped)} about="the chosen one where it demonstrated value, else the shrunk table" />
        <Fact name="Judged on" value={`${format.count(of.test_n)} pieces of evidence`} about={`${format.count(of.test_clusters)} stretches of time; ${format.count(of.n)} in all`} />
        <Fact name="Base rate" value={format.share(of.base_rate, 1)} about={`right after costs of ${format.basisPoints(of.cost)}`} />
        <Interval name="Brier skill" value={of.brier_skill} low={of.brier_skill_low} high={of.brier_skill_high} zero={0} about="0: no better than the base rate known then" />
        <Interval name="Log-loss skill" value={of.log_loss_skill} low={of.log_loss_skill_low} high={of.log_loss_skill_high} zero={0} about="0: no better than the base rate known then" />
        <Interval name="AUC" value={of.auc} low={of.auc_low} high={of.auc_high} zero={0.5} about={`0.5 is chance; shuffled folds, which leak, gave ${format.number(of.shuffled_auc, 3)}`} />
        <Interval name="Top tenth" value={of.top_decile_bps} low={of.top_decile_bps_low} high={of.top_decile_bps_high} zero={0} unit="bp" about="mean return after costs of the most probable tenth" />
      </dl>
      {curve.length > 0 ? <Diagram steps={curve} label={`Reliability of the model after ${of.horizon} bars`} axis="probability that was said; line: as it should be" /> : <p class="dim">No reliability curve was kept with this card.</p>}
    </Panel>
  );
}

function Fact({ name, value, about }: { readonly name: string; readonly value: string; readonly about: string }) {
  return (
    <div title={about}>
      <dt>{name}</dt>
      <dd>{value}</dd>
      <dd class="dim">{about}</dd>
    </div>
  );
}

interface IntervalProps {
  readonly name: string;
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** The value that says nothing: an interval that holds it shows no skill. */
  readonly zero: number;
  readonly unit?: string;
  readonly about: string;
}

function Interval({ name, value, low, high, zero, unit, about }: IntervalProps) {
  const told = (each: number | null) => (each === null ? format.UNKNOWN : `${format.number(each, 3)}${unit ? ` ${unit}` : ""}`);
  const without = low === null || high === null ? "" : low > zero ? ", all above chance" : high < zero ? ", all below chance" : ", chance is within";
  return <Fact name={name} value={told(value)} about={`${told(low)} to ${told(high)}${without}. ${about}`} />;
}

function day(moment: string | null): string {
  return moment === null ? format.UNKNOWN : moment.slice(0, 10);
}

function short(digest: string | null): string {
  return digest === null ? format.UNKNOWN : digest.slice(0, 10);
}
