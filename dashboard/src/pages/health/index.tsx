import { lazily } from "../../ui/lazily";
import type { Page } from "../page";

export const health: Page = { path: "health", title: "Health", key: "h", View: lazily(() => import("./view")) };
