interface IntervalPlotProps {
  readonly rate: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly chance: number | null;
  readonly chanceLow: number | null;
  readonly chanceHigh: number | null;
  readonly label: string;
}

const WIDTH = 240;
const HEIGHT = 22;

/** Ends of the axis: rates beyond them, of few outcomes, are drawn at its ends. */
const FROM = 0.2;
const TO = 0.8;

function x(share: number): number {
  const part = (Math.min(TO, Math.max(FROM, share)) - FROM) / (TO - FROM);
  return 4 + part * (WIDTH - 8);
}

/** How an interval stands to that of chance. */
export function standing(low: number | null, high: number | null, chanceLow: number | null, chanceHigh: number | null): "above" | "below" | "within" | "unknown" {
  if (low === null || high === null || chanceLow === null || chanceHigh === null) return "unknown";
  return low > chanceHigh ? "above" : high < chanceLow ? "below" : "within";
}

/** A rate with its interval, over the band of chance, on an axis from 20 to 80 %. */
export function IntervalPlot({ rate, low, high, chance, chanceLow, chanceHigh, label }: IntervalPlotProps) {
  const stands = standing(low, high, chanceLow, chanceHigh);
  const ink = stands === "above" ? "var(--accent)" : stands === "below" ? "var(--warn)" : "var(--ink-2)";
  return (
    <svg class="interval" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width="100%" height={HEIGHT} preserveAspectRatio="none" role="img" aria-label={label}>
      <title>{label}</title>
      {[0.2, 0.35, 0.5, 0.65, 0.8].map((share) => (
        <line key={share} x1={x(share)} x2={x(share)} y1="0" y2={HEIGHT} stroke="var(--line)" stroke-dasharray={share === 0.5 ? "none" : "1 3"} />
      ))}
      {chanceLow !== null && chanceHigh !== null ? <rect x={x(chanceLow)} width={Math.max(1, x(chanceHigh) - x(chanceLow))} y="4" height={HEIGHT - 8} rx="2" fill="var(--line-strong)" opacity="0.7" /> : null}
      {chance !== null ? <line x1={x(chance)} x2={x(chance)} y1="4" y2={HEIGHT - 4} stroke="var(--ink-3)" stroke-width="1.5" /> : null}
      {low !== null && high !== null ? <line x1={x(low)} x2={x(high)} y1={HEIGHT / 2} y2={HEIGHT / 2} stroke={ink} stroke-width="2" /> : null}
      {rate !== null ? <ellipse cx={x(rate)} cy={HEIGHT / 2} rx="4" ry="4" fill={ink} /> : null}
    </svg>
  );
}
