import { lazily } from "../../ui/lazily";
import type { Page } from "../page";

export const chart: Page = { path: "chart", title: "Chart", key: "c", bySymbol: true, View: lazily(() => import("./view")) };
