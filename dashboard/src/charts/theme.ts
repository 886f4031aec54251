/** Colours by what they mean; shapes name a tone and are drawn in the theme of the moment. */
export type Tone = "up" | "down" | "neutral" | "accent" | "warn" | "bad" | "good" | "muted";

export interface ChartTheme {
  readonly background: string;
  readonly text: string;
  readonly dim: string;
  readonly grid: string;
  readonly font: string;
  readonly tones: Readonly<Record<Tone, string>>;
  /** Lines of indicators, in turn; told apart by lightness too, for colour-blind eyes. */
  readonly lines: readonly string[];
}

/** Custom properties of `ui/tokens.css`, and what stands in where they are missing (a chart in a test, say). */
const FALLBACK: Readonly<Record<string, string>> = {
  "--panel": "#10151c",
  "--ink": "#dde4ec",
  "--ink-2": "#98a5b4",
  "--ink-3": "#7b8897",
  "--line": "#1d2530",
  "--font": "system-ui, sans-serif",
  "--up": "#58a9ff",
  "--down": "#ff9d4d",
  "--accent": "#a99bff",
  "--warn": "#e6c75a",
  "--bad": "#ff7d92",
  "--good": "#46c2b0",
};

/** The theme as custom properties of an element tell it. */
export function readTheme(element: Element = document.documentElement): ChartTheme {
  const style = getComputedStyle(element);
  const value = (name: string) => style.getPropertyValue(name).trim() || (FALLBACK[name] ?? "#888888");
  return {
    background: value("--panel"),
    text: value("--ink"),
    dim: value("--ink-2"),
    grid: value("--line"),
    font: value("--font"),
    tones: {
      up: value("--up"),
      down: value("--down"),
      neutral: value("--ink-2"),
      accent: value("--accent"),
      warn: value("--warn"),
      bad: value("--bad"),
      good: value("--good"),
      muted: value("--ink-3"),
    },
    lines: [value("--warn"), value("--accent"), value("--good"), value("--bad"), value("--ink-2"), value("--ink")],
  };
}

/** A colour (#rrggbb or anything CSS knows) let through: `alpha` from 0 to 1. */
export function faded(colour: string, alpha: number): string {
  const hex = /^#([0-9a-f]{6})$/i.exec(colour)?.[1];
  if (hex === undefined) return `color-mix(in srgb, ${colour} ${Math.round(alpha * 100)}%, transparent)`;
  const [red, green, blue] = [0, 2, 4].map((place) => Number.parseInt(hex.slice(place, place + 2), 16));
  return `rgba(${red}, ${green}, ${blue}, ${alpha})`;
}
