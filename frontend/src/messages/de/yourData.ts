import type { yourData as source } from "../en/yourData";
import type { Translation } from "../translation";

export const yourData: Translation<typeof source> = {
  data: "Deine Daten",
  dataLead: "Alles, was dieses Studio über dich aufbewahrt, zum Mitnehmen.",
  what: "Ein Zip-Archiv mit deinem Konto, deinen Aufträgen und ihren Prompts, Bildern, Stichwörtern, Sammlungen, Links und Anmeldungen, aus jeder Organisation, zu der du gehörst.",
  pack: "Meine Daten packen",
  account: "Konto löschen",
  accountLead: "Dich und alles, was du hier gemacht hast.",
  deleteAccount: "Mein Konto löschen",
  deleteForGood: "Mein Konto löschen",
  quoted: "„{name}“",
  goes: "Was du gemacht hast, geht verloren, in jeder Organisation: Bilder, Prompts, Sammlungen, Links und Schlüssel; dazu dein Name, deine Adresse und dein Passwort.",
  goesToo: "{n, plural, one {{organisations} geht mit verloren: Sonst gehört niemand dazu.} other {{organisations} gehen mit verloren: Sonst gehört niemand dazu.}}",
  endsNow: "Du bist sofort überall abgemeldet, und deine API-Schlüssel enden sofort.",
  grace: "Der Rest geht nach {time} verloren. Bis dahin nimmt es der Link in unserer Mail zurück, und eine Anmeldung auch.",
  stays: "Die Zahlen des Verbrauchs bleiben, ohne Wörter und Bilder, und das Protokoll einer Organisation, in dem du „Deleted account“ heißt.",
  inTheWay: "Zu diesen gehören auch andere, und nur du bist Eigentümer. Übergib sie an ein anderes Mitglied oder lösche sie; dann komm zurück.",
  manage: "Dorthin",
  manageNamed: "Zu {organisation}",
  keepIt: "Mein Konto behalten",
  fresh: "Du hast hier kein Passwort; darum geht das binnen zehn Minuten nach der Anmeldung.",
  signInAgain: "Neu anmelden",
  notSignedOut: "Das Abmelden schlug fehl",
};
