import { lazily } from "../../ui/lazily";
import type { Page } from "../page";

export const book: Page = { path: "book", title: "Book", key: "b", bySymbol: true, View: lazily(() => import("./view")) };
