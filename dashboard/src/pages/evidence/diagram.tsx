import { share, words } from "../../ui/format";
import { extentOf, type Step } from "./model";

const WIDTH = 420;
const HEIGHT = 190;
const LEFT = 44;
const BOTTOM = 28;
const TOP = 8;

interface Props {
  readonly steps: readonly Step[];
  readonly label: string;
  /** What the level is of: below the diagram. */
  readonly axis: string;
}

/** How often what was said came true, level by level with intervals; the band is chance at the same level. */
export function Diagram({ steps, label, axis }: Props) {
  const { from, to } = extentOf(steps);
  const y = (value: number) => TOP + ((to - value) / (to - from)) * (HEIGHT - TOP - BOTTOM);
  const x = (place: number) => LEFT + ((place + 0.5) / Math.max(steps.length, 1)) * (WIDTH - LEFT - 8);
  const half = Math.min(26, (WIDTH - LEFT) / Math.max(steps.length, 1) / 2.4);
  const lines = ticks(from, to);
  const seen = steps.flatMap((each, place) => (each.right === null ? [] : [`${x(place)},${y(each.right)}`]));
  const said = steps.flatMap((each, place) => (each.said === null ? [] : [`${x(place)},${y(each.said)}`]));
  return (
    <svg class="diagram" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
      <title>{label}</title>
      {lines.map((each) => (
        <g key={each}>
          <line x1={LEFT} x2={WIDTH} y1={y(each)} y2={y(each)} class={Math.abs(each - 0.5) < 1e-9 ? "half" : "grid"} />
          <text x={LEFT - 6} y={y(each) + 4} class="tick" text-anchor="end">
            {share(each)}
          </text>
        </g>
      ))}
      {steps.map((each, place) => (
        <g key={each.name}>
          <title>{wordsOf(each)}</title>
          <rect x={x(place) - half - 4} y={TOP} width={2 * half + 8} height={HEIGHT - TOP - BOTTOM} fill="transparent" />
          {each.chanceLow !== null && each.chanceHigh !== null ? (
            <rect class="chance" x={x(place) - half} y={y(each.chanceHigh)} width={2 * half} height={Math.max(1.5, y(each.chanceLow) - y(each.chanceHigh))} rx="2" />
          ) : null}
          {each.chance !== null ? <line class="chance-line" x1={x(place) - half} x2={x(place) + half} y1={y(each.chance)} y2={y(each.chance)} /> : null}
          {each.low !== null && each.high !== null ? <line class="seen" x1={x(place)} x2={x(place)} y1={y(each.low)} y2={y(each.high)} /> : null}
          {each.right !== null ? <circle class="seen-dot" cx={x(place)} cy={y(each.right)} r="4" /> : null}
          {steps.length <= 6 || place % 2 === 0 ? (
            <text x={x(place)} y={HEIGHT - BOTTOM + 13} class="tick" text-anchor="middle">
              {words(each.name)}
            </text>
          ) : null}
        </g>
      ))}
      {said.length > 1 ? <polyline class="said" points={said.join(" ")} /> : null}
      {seen.length > 1 ? <polyline class="seen-line" points={seen.join(" ")} /> : null}
      <text x={LEFT + (WIDTH - LEFT) / 2} y={HEIGHT - 2} class="tick dim" text-anchor="middle">
        {axis}
      </text>
    </svg>
  );
}

function ticks(from: number, to: number): number[] {
  const step = to - from > 0.5 ? 0.2 : to - from > 0.22 ? 0.1 : 0.05;
  const first = Math.ceil(from / step - 1e-9);
  return Array.from({ length: Math.floor(to / step + 1e-9) - first + 1 }, (_, place) => Number(((first + place) * step).toFixed(4)));
}

/** A level in words, for whoever points at it or hears it. */
export function wordsOf(step: Step): string {
  const seen = step.right === null ? "not known" : `${share(step.right, 1)} right`;
  const between = step.low === null || step.high === null ? "" : ` (95 %: ${share(step.low, 1)} to ${share(step.high, 1)})`;
  const chance = step.chance === null ? "" : `; random walks ${share(step.chance, 1)}`;
  return `${step.name}: ${seen}${between}, ${step.clusters} stretches of time${chance}`;
}
