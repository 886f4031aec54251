import { signal } from "@preact/signals";

export type Theme = "dark" | "light";

const KEPT = "alphapulse.theme";
const bright = matchMedia("(prefers-color-scheme: light)");

function kept(): Theme | null {
  const value = localStorage.getItem(KEPT);
  return value === "dark" || value === "light" ? value : null;
}

/** The theme in use: what was chosen here, else what the system prefers. */
export const theme = signal<Theme>(kept() ?? (bright.matches ? "light" : "dark"));

theme.subscribe((value) => {
  document.documentElement.dataset["theme"] = value;
});

bright.addEventListener("change", () => {
  if (kept() === null) theme.value = bright.matches ? "light" : "dark";
});

export function switchTheme(): void {
  theme.value = theme.value === "dark" ? "light" : "dark";
  localStorage.setItem(KEPT, theme.value);
}

/** A colour of the theme for what is drawn on a canvas: `colour("up")`. Read `theme.value` to draw anew. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
