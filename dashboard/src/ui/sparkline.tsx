import type { Maybe } from "./format";

interface SparklineProps {
  /** Oldest first; what is missing is a hole in the line, not a zero. */
  readonly values: readonly Maybe<number>[];
  /** What it is, for those who do not see it. */
  readonly label: string;
  readonly width?: number;
  readonly height?: number;
}

/** The path of a line through known values, a new stretch after each hole; empty where nothing is known. */
export function sparkPath(values: readonly Maybe<number>[], width: number, height: number): string {
  const known = values.filter((value): value is number => typeof value === "number" && Number.isFinite(value));
  if (known.length < 2) return "";
  const least = Math.min(...known);
  const range = Math.max(...known) - least || 1;
  const step = width / Math.max(1, values.length - 1);
  let path = "";
  let down = false;
  values.forEach((value, index) => {
    if (typeof value !== "number" || !Number.isFinite(value)) {
      down = false;
      return;
    }
    const y = height - 1.5 - ((value - least) / range) * (height - 3);
    path += `${down ? "L" : "M"}${(index * step).toFixed(1)} ${y.toFixed(1)}`;
    down = true;
  });
  return path;
}

/** A small line of the last hours; blue where it ends above its beginning, orange below. */
export function Sparkline({ values, label, width = 96, height = 22 }: SparklineProps) {
  const path = sparkPath(values, width, height);
  const known = values.filter((value): value is number => typeof value === "number");
  const first = known[0] ?? 0;
  const last = known[known.length - 1] ?? 0;
  if (!path) return <span class="dim" title={`${label}: too little is known`}>–</span>;
  return (
    <svg class={last > first ? "up" : last < first ? "down" : "dim"} width="100%" height={height} viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={label}>
      <path d={path} fill="none" stroke="currentColor" stroke-width="1.4" stroke-linejoin="round" vector-effect="non-scaling-stroke" />
    </svg>
  );
}
