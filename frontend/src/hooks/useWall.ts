import { type RefObject, useEffect, useMemo, useState } from "react";
import { justify, rowOf, rowsBetween, type Wall } from "@/lib/justifiedRows";

interface Measure {
  width: number;
  rowHeight: number;
  gap: number;
}

/** As the classes of GalleryGrid say, for what the server renders. */
const PHONE = { rowHeight: 172, gap: 8 };
const DESKTOP = { rowHeight: 208, gap: 12 };
const DESKTOP_FROM = 640;
/** Drawn beyond the edges of the window, so that scrolling finds them there; looked at anew each so many pixels. */
const MARGIN = 600;
const GRAIN = 100;

export interface WallView {
  /** None before the browser has measured the place. */
  wall: Wall | null;
  /** Rows to draw, in order: those near the window, and the active picture's. */
  drawn: readonly number[];
}

/** The rows of a wall of pictures, and which of them are worth drawing now. */
export function useWall(
  ref: RefObject<HTMLElement | null>,
  images: readonly { width: number; height: number }[],
  activeIndex: number,
): WallView {
  const [measure, setMeasure] = useState<Measure | null>(null);
  const [seen, setSeen] = useState({ from: -MARGIN, to: 2 * MARGIN });
  const wall = useMemo(() => measure && justify(images, measure.width, measure.rowHeight, measure.gap), [images, measure]);

  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    const look = () => {
      const above = -element.getBoundingClientRect().top;
      const from = Math.floor((above - MARGIN) / GRAIN) * GRAIN;
      const to = Math.ceil((above + window.innerHeight + MARGIN) / GRAIN) * GRAIN;
      setSeen((known) => (known.from === from && known.to === to ? known : { from, to }));
    };
    // Called once as soon as it observes, before the browser paints, and whenever the size changes.
    const observer = new ResizeObserver(() => {
      const width = element.clientWidth;
      const kind = window.innerWidth >= DESKTOP_FROM ? DESKTOP : PHONE;
      setMeasure((known) => (known?.width === width && known.gap === kind.gap ? known : { width, ...kind }));
      look();
    });
    observer.observe(element);
    window.addEventListener("scroll", look, { passive: true });
    return () => {
      observer.disconnect();
      window.removeEventListener("scroll", look);
    };
  }, [ref]);

  const drawn = useMemo(() => {
    if (!wall) return [];
    const [first, end] = rowsBetween(wall.rows, seen.from, seen.to);
    const rows = Array.from({ length: end - first }, (_, at) => first + at);
    const active = activeIndex >= 0 ? rowOf(wall.rows, activeIndex) : -1;
    if (active < 0 || (active >= first && active < end)) return rows;
    return active < first ? [active, ...rows] : [...rows, active];
  }, [wall, seen, activeIndex]);
  return { wall, drawn };
}
