import { lazily } from "../../ui/lazily";
import type { Page } from "../page";

export const patterns: Page = { path: "patterns", title: "Patterns", key: "p", View: lazily(() => import("./view")) };
