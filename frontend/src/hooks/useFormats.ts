import { useContext, useMemo } from "react";
import { TextContext } from "@/context/TextContext";
import { type Formats, makeFormats } from "@/lib/format";
import { useText } from "./useText";

/** Dates, numbers and durations as the visitor's language writes them. */
export function useFormats(): Formats {
  const { locale } = useContext(TextContext);
  const common = useText("common");
  return useMemo(() => makeFormats(locale, common), [locale, common]);
}
