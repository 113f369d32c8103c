import type { ReactNode } from "react";
import { TextProvider } from "@/context/TextContext";
import { messagesOf, readLocale } from "@/lib/serverText";
import type { Feature } from "@/lib/text";

/** Gives the client components below it these features' messages; src/messages/routes.test.ts checks that none lacks. */
export async function MessagesFor({ features, children }: { features: readonly Feature[]; children: ReactNode }) {
  const locale = await readLocale();
  return (
    <TextProvider locale={locale} messages={messagesOf(locale, features)}>
      {children}
    </TextProvider>
  );
}
