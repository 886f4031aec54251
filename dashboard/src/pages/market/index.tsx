import { lazily } from "../../ui/lazily";
import type { Page } from "../page";

export const market: Page = { path: "market", title: "Market", key: "m", View: lazily(() => import("./view")) };
