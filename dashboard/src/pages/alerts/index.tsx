import { lazily } from "../../ui/lazily";
import type { Page } from "../page";

export const alerts: Page = { path: "alerts", title: "Alerts", key: "a", View: lazily(() => import("./view")) };
