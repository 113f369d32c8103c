import { useQueryClient } from "@tanstack/react-query";
import { type KeyboardEvent, useRef } from "react";
import { feedPrompts } from "@/lib/jobCache";

/**
 * Arrow up at the very beginning of the field goes back through the prompts of the feed, arrow down forward again, to
 * what was being written. The feed is the history: nothing is stored besides.
 */
export function usePromptHistory(change: (prompt: string) => void) {
  const queries = useQueryClient();
  const place = useRef(-1);
  const written = useRef("");

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>): boolean => {
    const field = event.currentTarget;
    const back = event.key === "ArrowUp" && field.selectionStart === 0 && field.selectionEnd === 0;
    const forward = event.key === "ArrowDown" && place.current >= 0 && field.selectionEnd === 0;
    if ((!back && !forward) || event.shiftKey || event.altKey || event.ctrlKey || event.metaKey) return false;
    const prompts = feedPrompts(queries);
    if (place.current < 0) written.current = field.value;
    const next = Math.min(place.current + (back ? 1 : -1), prompts.length - 1);
    if (next === place.current) return back;
    place.current = next;
    event.preventDefault();
    change(prompts[next] ?? written.current);
    // Once React has put the text there the cursor would be at its end, and one more arrow would not be history.
    requestAnimationFrame(() => field.setSelectionRange(0, 0));
    return true;
  };
  /** What a person types is a prompt of its own again. */
  const leave = () => {
    place.current = -1;
  };
  return { onKeyDown, leave };
}
