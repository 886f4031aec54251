import { alerts } from "./alerts";
import { book } from "./book";
import { chart } from "./chart";
import { derivatives } from "./derivatives";
import { evidence } from "./evidence";
import { health } from "./health";
import { licences } from "./licences";
import { market } from "./market";
import type { Page } from "./page";
import { patterns } from "./patterns";
import { sentiment } from "./sentiment";

/** All pages in the order of the navigation; a new page is a folder and a line here. */
export const pages: readonly Page[] = [
  market,
  chart,
  book,
  derivatives,
  sentiment,
  patterns,
  evidence,
  health,
  alerts,
  licences,
];
