import type { proof as source } from "../en/proof";
import type { Translation } from "../translation";

export const proof: Translation<typeof source> = {
  currentPassword: "Jetziges Passwort",
  code: "Code",
  missing: "Fülle das aus.",
  tooShort: "Mindestens {n} Zeichen.",
  cancel: "Abbrechen",
};
