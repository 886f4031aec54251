import { alerts } from "./alerts";
import { chart } from "./chart";
import { health } from "./health";
import { licences } from "./licences";
import { market } from "./market";
import type { Page } from "./page";
import { patterns } from "./patterns";

/** All pages in the order of the navigation; a new page is a folder and a line here. */
export const pages: readonly Page[] = [
  market,
  chart,
  patterns,
  health,
  alerts,
  licences,
];
