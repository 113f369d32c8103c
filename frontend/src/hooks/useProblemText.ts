import { useCallback, useContext } from "react";
import { TextContext } from "@/context/TextContext";
import { ApiProblem } from "@/lib/problem";
import type { TextKey } from "@/lib/text";
import { useText } from "./useText";

/**
 * What went wrong, in the visitor's language. The API speaks English, and then its own sentence knows most; other
 * languages go by the problem's code, and fall back to that sentence.
 */
export function useProblemText(): (error: unknown) => string {
  const { locale, messages } = useContext(TextContext);
  const text = useText("problems");
  return useCallback(
    (error) => {
      if (!(error instanceof ApiProblem)) return text("here");
      if (error.detail && locale === "en") return error.detail;
      if (error.code !== "unknown" && messages.problems && Object.hasOwn(messages.problems, error.code)) {
        return text(error.code as Exclude<TextKey<"problems">, "server">);
      }
      if (error.detail) return error.detail;
      return error.status > 0 ? text("server", { status: String(error.status) }) : text("unknown");
    },
    [locale, messages, text],
  );
}
