import { computed } from "@preact/signals";
import { route } from "./router";

/** The instrument that the address names, as far as it does. */
export const chosenInstrument = computed(() => ({
  symbol: route.value.parameters.get("symbol"),
  venue: route.value.parameters.get("venue"),
}));
