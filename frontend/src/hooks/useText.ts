import { useContext } from "react";
import { TextContext } from "@/context/TextContext";
import type { Feature, Text } from "@/lib/text";

/** One feature's messages; the feature must be given to the page by a MessagesFor above it. */
export function useText<F extends Feature>(feature: F): Text<F> {
  return useContext(TextContext).textOf(feature);
}
