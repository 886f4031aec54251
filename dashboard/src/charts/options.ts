import { ColorType, CrosshairMode } from "lightweight-charts";
import { type ChartTheme, faded } from "./theme";

/** Options that all our charts share, in the colours of the theme. The logo stays: its licence asks for it. */
export function chartOptions(theme: ChartTheme) {
  return {
    layout: {
      background: { type: ColorType.Solid, color: theme.background },
      textColor: theme.dim,
      fontFamily: theme.font,
      fontSize: 11,
      attributionLogo: true,
      panes: { separatorColor: theme.grid, separatorHoverColor: faded(theme.dim, 0.3), enableResize: true },
    },
    grid: { vertLines: { color: faded(theme.grid, 0.6) }, horzLines: { color: faded(theme.grid, 0.6) } },
    crosshair: { mode: CrosshairMode.Normal, vertLine: { color: theme.dim, labelBackgroundColor: theme.grid }, horzLine: { color: theme.dim, labelBackgroundColor: theme.grid } },
    rightPriceScale: { borderColor: theme.grid, scaleMargins: { top: 0.12, bottom: 0.08 } },
    // 20,000 bars fit on a narrow screen; what cannot be told apart is drawn as one
    timeScale: { borderColor: theme.grid, timeVisible: true, secondsVisible: false, minBarSpacing: 0.02, enableConflation: true, rightOffset: 6 },
    localization: { locale: "en-GB" },
  };
}
