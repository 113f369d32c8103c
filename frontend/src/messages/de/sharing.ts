import type { sharing as source } from "../en/sharing";
import type { Translation } from "../translation";

export const sharing: Translation<typeof source> = {
  title: "Per Link teilen",
  lead: "Wer den Link hat, sieht die Bilder, ohne Konto, und sonst nichts: keinen Prompt, keinen Namen.",
  lasts: "Der Link gilt",
  days: "{n, plural, one {einen Tag} =365 {ein Jahr} other {# Tage}}",
  make: "Einen Link machen",
  link: "Link",
  once: "Kopiere ihn jetzt: er wird nur dieses eine Mal gezeigt.",
  copy: "Den Link kopieren",
  open: "Offene Links",
  until: "Bis {date}",
  views: "{n, plural, =0 {noch nicht angesehen} one {einmal angesehen} other {# Mal angesehen}}",
  revoke: "Diesen Link beenden",
  failed: "Der Link ließ sich nicht machen",
  revokeFailed: "Der Link ließ sich nicht beenden",
  pageTitle: "Geteilte Bilder",
  numbered: "Bild {n}",
  more: "Weitere Bilder",
  gone: "Dieser Link ist zu Ende",
  goneLead: "Er ist abgelaufen oder zurückgenommen. Bitte den, der ihn geschickt hat, um einen neuen.",
  away: "Die Bilder lassen sich gerade nicht zeigen",
  awayLead: "Versuche es in ein paar Sekunden noch einmal.",
};
