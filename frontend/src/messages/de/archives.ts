import type { archives as source } from "../en/archives";
import type { Translation } from "../translation";

export const archives: Translation<typeof source> = {
  packing: "Es wird gepackt …",
  waiting: "Gleich wird gepackt …",
  running: "Packe: {done} von {n, plural, one {# Bild} other {# Bildern}} …",
  ready: "Fertig: {size}, mit {n, plural, one {# Bild} other {# Bildern}}.",
  failed: "Es ließ sich nicht packen.",
  askedAt: "Verlangt {date}.",
  goodUntil: "Gilt bis {date}.",
  fetch: "Herunterladen",
  throwAway: "Wegwerfen",
  stop: "Aufhören",
  notThrownAway: "Es ist noch da",
};
