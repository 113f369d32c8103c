import type { fatal as source } from "../en/fatal";
import type { Translation } from "../translation";

export const fatal: Translation<typeof source> = {
  title: "Easel konnte diese Seite nicht zeigen",
  lead: "Deine Aufträge und Bilder sind sicher.",
  tryAgain: "Noch einmal versuchen",
};
