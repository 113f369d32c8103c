"use client";

import { type PointerEvent, type ReactNode, useEffect, useRef } from "react";
import { FIT, pan, type Point, STEP, type View, zoomAt } from "@/lib/zoom";
import { cn } from "@/lib/cn";

const DOUBLE_TAP_SCALE = 3;

export interface ZoomStageProps {
  view: View;
  onView: (view: View) => void;
  children: ReactNode;
  className?: string;
}

/**
 * Looks closer at what is inside: wheel or pinch to zoom, drag to move, double click in and out. Keys are the owner's. The
 * inside measures itself by the stage, in `cqw` and `cqh`.
 */
export function ZoomStage({ view, onView, children, className }: ZoomStageProps) {
  const stage = useRef<HTMLDivElement>(null);
  const pointers = useRef(new Map<number, Point>());
  const latest = useRef({ view, onView });
  useEffect(() => {
    latest.current = { view, onView };
  });

  // By hand: React's wheel listener is passive, and the page behind must not scroll along.
  useEffect(() => {
    const element = stage.current;
    if (!element) return;
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const { view: now, onView: tell } = latest.current;
      tell(zoomAt(now, Math.exp(-event.deltaY / 300), fromMiddle(element, event.clientX, event.clientY)));
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  }, []);

  const onPointerMove = (event: PointerEvent<HTMLDivElement>) => {
    const before = pointers.current.get(event.pointerId);
    if (!before) return;
    const now = { x: event.clientX, y: event.clientY };
    const other = [...pointers.current].find(([id]) => id !== event.pointerId)?.[1];
    pointers.current.set(event.pointerId, now);
    if (other) {
      const grown = distance(now, other) / Math.max(distance(before, other), 1);
      onView(zoomAt(view, grown, fromMiddle(event.currentTarget, (now.x + other.x) / 2, (now.y + other.y) / 2)));
    } else if (view.scale > 1) {
      onView(pan(view, now.x - before.x, now.y - before.y, event.currentTarget.getBoundingClientRect()));
    }
  };
  const forget = (event: PointerEvent) => pointers.current.delete(event.pointerId);

  return (
    // The keys that do the same are the dialog's, which has the focus.
    <div
      ref={stage}
      role="presentation"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        pointers.current.set(event.pointerId, { x: event.clientX, y: event.clientY });
      }}
      onPointerMove={onPointerMove}
      onPointerUp={forget}
      onPointerCancel={forget}
      onDoubleClick={(event) =>
        onView(view.scale > 1 ? FIT : zoomAt(view, DOUBLE_TAP_SCALE, fromMiddle(event.currentTarget, event.clientX, event.clientY)))
      }
      className={cn("grid size-full touch-none place-items-center overflow-hidden", view.scale > 1 ? "cursor-grab active:cursor-grabbing" : "cursor-zoom-in", className)}
    >
      <div
        className={cn("flex size-full items-center justify-center [container-type:size]", view.scale >= 4 && "[image-rendering:pixelated]")}
        style={{ transform: `translate(${view.x}px, ${view.y}px) scale(${view.scale})` }}
      >
        {children}
      </div>
    </div>
  );
}

/** The view that a key asks for; None: it is no key of ours. */
export function viewByKey(key: string, view: View): View | null {
  if (key === "+" || key === "=") return zoomAt(view, STEP);
  if (key === "-") return zoomAt(view, 1 / STEP);
  return key === "0" ? FIT : null;
}

function fromMiddle(element: Element, x: number, y: number): Point {
  const box = element.getBoundingClientRect();
  return { x: x - box.left - box.width / 2, y: y - box.top - box.height / 2 };
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
