"""The words of the letters. `{name}` is filled in by `write_letter`; the link comes after the first paragraph."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.enums import Language

EN, DE = Language.ENGLISH, Language.GERMAN


@dataclass(frozen=True, slots=True)
class Words:
    subject: str
    paragraphs: tuple[str, ...]
    action: str | None = None


CLOSING = {
    EN: "This mail was sent by your Easel studio. Nobody reads answers to it.",
    DE: "Diese Nachricht kommt von deinem Easel-Studio. Antworten darauf liest niemand.",
}
LETTERS: dict[str, dict[Language, Words]] = {
    "verify_email": {
        EN: Words(
            "Is this your e-mail address?",
            (
                "Somebody made an account in an Easel studio with this address. If it was you, say so:",
                "The link is good for {days} days. If it was not you, ignore this mail: the address stays unverified.",
            ),
            "Yes, it is mine",
        ),
        DE: Words(
            "Ist das deine E-Mail-Adresse?",
            (
                "Jemand hat in einem Easel-Studio ein Konto mit dieser Adresse angelegt. Wenn du es warst, "
                "bestätige das:",
                "Der Link gilt {days} Tage. Wenn du es nicht warst, ignoriere diese Nachricht: "
                "Die Adresse bleibt unbestätigt.",
            ),
            "Ja, das ist meine",
        ),
    },
    "reset_password": {
        EN: Words(
            "Set a new password",
            (
                "Somebody asked to set a new password for your account. If it was you, choose one here:",
                "The link is good for {minutes} minutes and works once. If it was not you, ignore this mail: "
                "your password stays as it is.",
            ),
            "Set a new password",
        ),
        DE: Words(
            "Neues Passwort setzen",
            (
                "Jemand möchte für dein Konto ein neues Passwort setzen. Wenn du es bist, wähle hier eins:",
                "Der Link gilt {minutes} Minuten und einmal. Wenn du es nicht bist, ignoriere diese Nachricht: "
                "Dein Passwort bleibt, wie es ist.",
            ),
            "Neues Passwort wählen",
        ),
    },
    "password_changed": {
        EN: Words(
            "Your password was changed",
            (
                "The password of your account was changed just now, and other devices were signed out. "
                "If it was not you, set a new one at once:",
                "And tell whoever runs your studio.",
            ),
            "It was not me",
        ),
        DE: Words(
            "Dein Passwort wurde geändert",
            (
                "Das Passwort deines Kontos wurde eben geändert; andere Geräte wurden abgemeldet. "
                "Wenn du das nicht warst, setze sofort ein neues:",
                "Und sag denen Bescheid, die dein Studio betreiben.",
            ),
            "Das war ich nicht",
        ),
    },
    "second_factor_on": {
        EN: Words(
            "Signing in now takes a second factor",
            (
                "From now on, signing in to your account takes a code of your authenticator as well. "
                "If it was not you who turned this on, set a new password at once:",
                "And tell whoever runs your studio.",
            ),
            "It was not me",
        ),
        DE: Words(
            "Deine Anmeldung braucht jetzt einen zweiten Faktor",
            (
                "Ab jetzt braucht die Anmeldung an deinem Konto auch einen Code deiner Authenticator-App. "
                "Wenn nicht du das eingeschaltet hast, setze sofort ein neues Passwort:",
                "Und sag denen Bescheid, die dein Studio betreiben.",
            ),
            "Das war ich nicht",
        ),
    },
    "second_factor_off": {
        EN: Words(
            "Signing in takes no second factor any more",
            (
                "From now on, your password alone opens your account. "
                "If it was not you who turned the second factor off, set a new password at once:",
                "And tell whoever runs your studio.",
            ),
            "It was not me",
        ),
        DE: Words(
            "Deine Anmeldung braucht keinen zweiten Faktor mehr",
            (
                "Ab jetzt öffnet dein Passwort allein dein Konto. "
                "Wenn nicht du den zweiten Faktor ausgeschaltet hast, setze sofort ein neues Passwort:",
                "Und sag denen Bescheid, die dein Studio betreiben.",
            ),
            "Das war ich nicht",
        ),
    },
    "account_closing": {
        EN: Words(
            "Your account is going to be deleted",
            (
                "You asked to delete your account, and are signed out everywhere. In {hours} hours it goes, with all "
                "that you made. Until then you can keep it:",
                "If it was not you who asked, keep it, and set a new password at once.",
            ),
            "Keep my account",
        ),
        DE: Words(
            "Dein Konto wird gelöscht",
            (
                "Du möchtest dein Konto löschen und bist überall abgemeldet. In {hours} Stunden ist es weg, mit allem, "
                "was du gemacht hast. Bis dahin kannst du es behalten:",
                "Wenn das nicht dein Wunsch war, behalte es und setze sofort ein neues Passwort.",
            ),
            "Mein Konto behalten",
        ),
    },
    "account_kept": {
        EN: Words(
            "Your account stays",
            (
                "Your account is not going to be deleted. You were signed out everywhere, and your API keys have "
                "ended. Sign in anew:",
                "If it was not you who took it back, set a new password at once.",
            ),
            "Sign in",
        ),
        DE: Words(
            "Dein Konto bleibt",
            (
                "Dein Konto wird nicht gelöscht. Du bist überall abgemeldet, und deine API-Schlüssel gelten nicht "
                "mehr. Melde dich neu an:",
                "Wenn nicht du das zurückgenommen hast, setze sofort ein neues Passwort.",
            ),
            "Anmelden",
        ),
    },
    "account_deleted": {
        EN: Words(
            "Your account is deleted",
            ("Your account is gone, with all that you made.", "This is the last mail that you get from us."),
        ),
        DE: Words(
            "Dein Konto ist gelöscht",
            ("Dein Konto ist weg, mit allem, was du gemacht hast.", "Das ist unsere letzte Nachricht an dich."),
        ),
    },
    "second_factor_reset": {
        EN: Words(
            "{admin} reset your second factor",
            (
                "{admin}, who manages your organisation, turned off the second factor of your account. Your password "
                "alone opens it now, and you were signed out everywhere. If you did not ask for that, set a new "
                "password at once:",
                "Turn a second factor on again in your settings. If somebody did this behind your back, tell whoever "
                "runs your studio.",
            ),
            "I did not ask for that",
        ),
        DE: Words(
            "{admin} hat deinen zweiten Faktor zurückgesetzt",
            (
                "{admin} verwaltet deine Organisation und hat den zweiten Faktor deines Kontos ausgeschaltet. Dein "
                "Passwort allein öffnet es jetzt, und du wurdest überall abgemeldet. Wenn du nicht darum gebeten hast, "
                "setze sofort ein neues Passwort:",
                "Schalte in den Einstellungen wieder einen zweiten Faktor ein. Wenn das hinter deinem Rücken geschah, "
                "sag denen Bescheid, die dein Studio betreiben.",
            ),
            "Darum habe ich nicht gebeten",
        ),
    },
    "invitation": {
        EN: Words(
            "{inviter} invites you to {organization}",
            (
                "{inviter} invites you to make pictures in {organization}, an Easel studio.",
                "The invitation is good for {days} days. If you don’t know who this is, ignore it: nothing happens.",
            ),
            "Accept the invitation",
        ),
        DE: Words(
            "{inviter} lädt dich zu {organization} ein",
            (
                "{inviter} lädt dich ein, in {organization}, einem Easel-Studio, Bilder zu machen.",
                "Die Einladung gilt {days} Tage. Wenn du nicht weißt, wer das ist, ignoriere sie: Es geschieht nichts.",
            ),
            "Einladung annehmen",
        ),
    },
}
