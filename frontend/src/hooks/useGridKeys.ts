import { type KeyboardEvent, useCallback } from "react";
import { neighbour, type Wall } from "@/lib/justifiedRows";
import { all, extend, NOTHING, type Selection, toggle } from "@/lib/selection";

export interface GridKeysOptions {
  ids: readonly string[];
  activeIndex: number;
  wall: Wall | null;
  selection: Selection;
  onSelection: (selection: Selection) => void;
  onActive: (index: number) => void;
  /** What the other keys do, by `event.key`, to the active picture. */
  actions: Readonly<Record<string, (id: string) => void>>;
}

/** The keyboard on a wall of pictures: moving, choosing, acting. One picture of it is in the tab order. */
export function useGridKeys({ ids, activeIndex, wall, selection, onSelection, onActive, actions }: GridKeysOptions) {
  return useCallback(
    (event: KeyboardEvent<HTMLElement>) => {
      const id = ids[activeIndex];
      if (event.altKey || id === undefined) return;
      if (event.ctrlKey || event.metaKey) {
        if (event.key.toLowerCase() !== "a") return;
        event.preventDefault();
        onSelection(all(ids));
        return;
      }
      const target = destination(event, activeIndex, ids.length, wall);
      if (target !== null) {
        event.preventDefault();
        const next = ids[target];
        if (event.shiftKey && next) onSelection(extend(selection.anchor === null ? toggle(selection, id) : selection, next, ids));
        onActive(target);
      } else if (event.key === " " || event.key === "x") {
        event.preventDefault();
        onSelection(event.shiftKey ? extend(selection, id, ids) : toggle(selection, id));
      } else if (event.key === "Escape" && selection.ids.size > 0) {
        event.preventDefault();
        onSelection(NOTHING);
      } else if (actions[event.key]) {
        event.preventDefault();
        actions[event.key]?.(id);
      }
    },
    [ids, activeIndex, wall, selection, onSelection, onActive, actions],
  );
}

function destination(event: KeyboardEvent<HTMLElement>, at: number, count: number, wall: Wall | null): number | null {
  const forwards = getComputedStyle(event.currentTarget).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
  switch (event.key) {
    case "ArrowLeft":
    case "ArrowRight":
      return clamp(at + (event.key === forwards ? 1 : -1), count);
    case "j":
      return clamp(at + 1, count);
    case "k":
      return clamp(at - 1, count);
    case "ArrowDown":
      return wall ? neighbour(wall.rows, at, 1) : null;
    case "ArrowUp":
      return wall ? neighbour(wall.rows, at, -1) : null;
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return null;
  }
}

function clamp(index: number, count: number): number {
  return Math.min(Math.max(index, 0), count - 1);
}
