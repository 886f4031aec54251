import { lazily } from "../../ui/lazily";
import type { Page } from "../page";

export const derivatives: Page = {
  path: "derivatives",
  title: "Derivatives",
  key: "d",
  View: lazily(() => import("./view")),
};
