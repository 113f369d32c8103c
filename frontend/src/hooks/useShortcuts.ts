import { useEffect, useRef } from "react";

/** Keys → action. A key is `event.key`; two keys in a row are written with a space, as in "g g". */
export type Shortcuts = Record<string, (event: KeyboardEvent) => void>;

const SEQUENCE_MS = 900;

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

/** Single-key shortcuts: silent while someone types, with a modifier held, or behind an open dialog or menu. */
export function useShortcuts(shortcuts: Shortcuts, enabled = true): void {
  const latest = useRef(shortcuts);
  useEffect(() => {
    latest.current = shortcuts;
  });

  useEffect(() => {
    if (!enabled) return;
    let previous = { key: "", at: 0 };
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector("[role=dialog],[role=menu]")) return;
      const recent = event.timeStamp - previous.at < SEQUENCE_MS;
      const action = (recent ? latest.current[`${previous.key} ${event.key}`] : undefined) ?? latest.current[event.key];
      previous = { key: event.key, at: event.timeStamp };
      if (!action) return;
      event.preventDefault();
      action(event);
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [enabled]);
}
