import { lazily } from "../../ui/lazily";
import type { Page } from "../page";

export const evidence: Page = { path: "evidence", title: "Evidence", key: "e", View: lazily(() => import("./view")) };
