import type { ReactElement, ReactNode } from "react";

export interface MenuChoice {
  value: string;
  label: string;
  /** When the label is in a language other than the page's. */
  lang?: string;
  aside?: string;
  icon?: ReactNode;
}

/** What stands in a menu. Plain data, so that the code that draws it can come when it is wanted. */
export type MenuEntry =
  | { type: "note"; title: string; text: string | null }
  | { type: "item"; label: string; icon?: ReactNode; onSelect: () => void }
  | { type: "link"; label: string; icon?: ReactNode; href: string }
  | { type: "choices"; label: string; value: string; onValue: (value: string) => void; choices: readonly MenuChoice[] }
  | { type: "separator" };

export interface MenuProps {
  /** The button that opens it. */
  trigger: ReactElement<Record<string, unknown>>;
  entries: readonly MenuEntry[];
  align?: "start" | "center" | "end";
  side?: "top" | "bottom";
}
