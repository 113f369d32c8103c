import type { Text } from "./text";

/** What is wrong with an address as far as a page can tell; the API looks closer. */
export function emailError(email: string, text: Text<"auth">): string | undefined {
  if (email.trim() === "") return text("emailMissing");
  return /^[^\s@]+@[^\s@]+$/.test(email.trim()) ? undefined : text("emailWrong");
}
