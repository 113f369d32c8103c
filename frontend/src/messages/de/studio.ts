import type { studio as source } from "../en/studio";
import type { Translation } from "../translation";

export const studio: Translation<typeof source> = {
  title: "Studio",
  welcome: "Was möchtest du sehen?",
  welcomeLead: "Beschreibe es, drücke Eingabe und sieh zu, wie es entsteht.",
  examples: "Beispiele",
  prompt: "Prompt",
  placeholder: "Beschreibe ein Bild …",
  promptKept: "Dein Prompt bleibt erhalten.",
  length: "{n} von {limit} Zeichen",
  generate: "Erzeugen",
  model: "Modell",
  size: "Größe",
  count: "Anzahl",
  howMany: "Wie viele",
  yourJobs: "Deine Aufträge",
  feedKept: "Deine Aufträge sind sicher; nur diese Liste ließ sich nicht laden.",
  loadingJobs: "Lade deine Aufträge",
  loadingOlder: "Lade ältere Aufträge …",
  steps: "{n, plural, one {# Schritt} other {# Schritte}}",
  keepSeed: "Seed {seed} für die nächsten Bilder behalten",
  releaseSeed: "Seed {seed} wird behalten; loslassen",
  canceled: "Abgebrochen. Es ist nichts entstanden.",
};
