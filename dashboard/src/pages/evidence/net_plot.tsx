import { UNKNOWN } from "../../ui/format";
import { type Group, placesOf } from "./outcomes";

const WIDTH = 240;
const HEIGHT = 22;

/** A mean return with its interval over that of random walks (band) and of random entries (bracket), around 0. */
export function NetPlot({ of }: { readonly of: Group }) {
  const at = placesOf([of.mean_net_low, of.mean_net_high, of.mean_net_pct, of.walk_mean_net_low, of.walk_mean_net_high, of.random_mean_net_low, of.random_mean_net_high]);
  const x = (value: number) => at(value) * WIDTH;
  const ink = of.verdict === "above chance" ? "var(--accent)" : of.verdict === "below chance" ? "var(--warn)" : "var(--ink-2)";
  const label = of.in_words ?? `mean ${of.mean_net_pct?.toFixed(3) ?? UNKNOWN} % after costs`;
  const { mean_net_low: low, mean_net_high: high, walk_mean_net_low: walkLow, walk_mean_net_high: walkHigh, random_mean_net_low: randomLow, random_mean_net_high: randomHigh } = of;
  return (
    <svg class="interval" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width="100%" height={HEIGHT} preserveAspectRatio="none" role="img" aria-label={label}>
      <title>{label}</title>
      <line x1={x(0)} x2={x(0)} y1="0" y2={HEIGHT} stroke="var(--line-strong)" />
      {walkLow !== null && walkHigh !== null ? <rect x={x(walkLow)} width={Math.max(1, x(walkHigh) - x(walkLow))} y="4" height={HEIGHT - 8} rx="2" fill="var(--line-strong)" opacity="0.7" /> : null}
      {randomLow !== null && randomHigh !== null ? <path d={`M${x(randomLow)} 5V2H${x(randomHigh)}V5`} fill="none" stroke="var(--ink-3)" /> : null}
      {low !== null && high !== null ? <line x1={x(low)} x2={x(high)} y1={HEIGHT / 2} y2={HEIGHT / 2} stroke={ink} stroke-width="2" /> : null}
      {of.mean_net_pct !== null ? <ellipse cx={x(of.mean_net_pct)} cy={HEIGHT / 2} rx="4" ry="4" fill={ink} /> : null}
    </svg>
  );
}
