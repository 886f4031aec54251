import { lazily } from "../../ui/lazily";
import type { Page } from "../page";

export const licences: Page = { path: "licences", title: "Licences", key: "l", View: lazily(() => import("./view")) };
