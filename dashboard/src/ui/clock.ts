import { signal } from "@preact/signals";
import { connection } from "../api/connection";

/** Now by the server's clock, a tick a second: ages count from it. Hidden tabs do not tick. */
export const now = signal(Date.now());

setInterval(() => {
  if (!document.hidden) now.value = Date.now() + connection.value.ahead;
}, 1000);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) now.value = Date.now() + connection.value.ahead;
});
