import { market } from "./market";
import type { Page } from "./page";

/** All pages in the order of the navigation; a new page is a folder and a line here. */
export const pages: readonly Page[] = [market];
