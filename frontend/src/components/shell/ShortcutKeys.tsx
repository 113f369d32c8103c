"use client";

import { useRouter } from "next/navigation";
import { lazy, Suspense, useEffect, useState } from "react";
import { usePreference } from "@/hooks/usePreference";
import { useShortcuts } from "@/hooks/useShortcuts";
import { PROMPT_FIELD_ID } from "@/lib/constants";
import { onOpenShortcuts } from "./shortcutsDialogState";

const loadDialog = () => import("./ShortcutsDialog").then(({ ShortcutsDialog }) => ({ default: ShortcutsDialog }));
const LazyDialog = lazy(loadDialog);

/** The keys that work on every screen, and the list of all keys (fetched when asked for). */
export function ShortcutKeys() {
  const router = useRouter();
  const [open, setOpen] = useState(false);
  const [enabled, setEnabled] = usePreference("shortcuts", true);
  const [wanted, setWanted] = useState(false);
  const show = () => {
    setWanted(true);
    setOpen(true);
  };
  useEffect(() => onOpenShortcuts(show), []);

  useShortcuts(
    {
      "/": () => {
        const field = document.getElementById(PROMPT_FIELD_ID);
        if (field) field.focus();
        else router.push(`/#${PROMPT_FIELD_ID}`);
      },
      "g g": () => router.push("/gallery"),
      "g s": () => router.push("/"),
      "?": show,
    },
    enabled,
  );

  if (!wanted) return null;
  return (
    <Suspense>
      <LazyDialog open={open} onOpenChange={setOpen} enabled={enabled} onEnabled={setEnabled} />
    </Suspense>
  );
}
