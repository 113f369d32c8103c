import type { auth as source } from "../en/auth";
import type { Translation } from "../translation";

export const auth: Translation<typeof source> = {
  signIn: "Anmelden",
  signingIn: "Melde an …",
  welcomeBack: "Willkommen zurück in deinem Studio.",
  newHere: "Neu hier?",
  createAnAccount: "Ein Konto anlegen",
  askForInvitation: "Noch kein Konto? Bitte die Leute, die dieses Studio betreiben, um eine Einladung.",
  welcome: "Willkommen bei Easel",
  firstRunLead: "Dein Studio läuft. Lege das erste Konto an: Ihm gehört das Studio, und alles bleibt auf diesem Rechner.",
  openLead: "Ein eigenes Studio dauert eine Minute.",
  haveAccount: "Schon ein Konto?",
  openTheStudio: "Das Studio öffnen",
  createAccount: "Konto anlegen",
  creating: "Lege das Konto an …",
  kept: "Was du ausgefüllt hast, bleibt erhalten.",
  name: "Name",
  email: "E-Mail",
  password: "Passwort",
  passwordHelp: "{length} Zeichen oder mehr; ein paar Wörter sind besser als ein Rätsel.",
  emailMissing: "Deine E-Mail-Adresse.",
  emailWrong: "Das ist noch keine E-Mail-Adresse.",
  passwordMissing: "Dein Passwort.",
  nameMissing: "Wie dürfen wir dich nennen?",
  atLeast: "Mindestens {n} Zeichen.",
  atMost: "Höchstens {n} Zeichen.",
};
