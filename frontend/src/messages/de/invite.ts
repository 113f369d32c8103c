import type { invite as source } from "../en/invite";
import type { Translation } from "../translation";

export const invite: Translation<typeof source> = {
  title: "Einladung",
  heading: "{organisation} beitreten",
  lead: "{inviter} lädt dich als {role} ein.",
  leadAnonymous: "Du bist als {role} eingeladen.",
  until: "Gilt bis {date}.",
  spentHeading: "Diese Einladung gilt nicht mehr",
  spentLead: "Sie wurde benutzt, zurückgenommen oder ist abgelaufen. Bitte um eine neue, wer dich eingeladen hat.",
  unknownHeading: "Die Einladung lässt sich gerade nicht lesen",
  unknownLead: "Das Studio hat nicht geantwortet. Lade die Seite gleich noch einmal; die Einladung gilt weiter.",
  newAccount: "Neues Konto",
  haveAccount: "Ich habe ein Konto",
  how: "Wie du beitrittst",
  join: "Beitreten",
  joining: "Trete bei …",
  otherAccount: "Du bist als {signedIn} angemeldet, die Einladung ist aber für {invited}.",
  signOutFirst: "Abmelden",
};
