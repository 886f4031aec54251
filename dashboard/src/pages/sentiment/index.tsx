import { lazily } from "../../ui/lazily";
import type { Page } from "../page";

export const sentiment: Page = {
  path: "sentiment",
  title: "Sentiment",
  key: "s",
  View: lazily(() => import("./view")),
};
