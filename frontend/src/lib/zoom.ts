/** How a picture is looked at: `scale` 1 fits it into its place; x and y move it, in CSS pixels. */
export interface View {
  scale: number;
  x: number;
  y: number;
}

export interface Point {
  x: number;
  y: number;
}

export const FIT: View = { scale: 1, x: 0, y: 0 };
export const LARGEST_SCALE = 16;
export const STEP = 1.5;

/** Zoom by a factor, with the point (from the middle of the place) staying where it is. */
export function zoomAt(view: View, factor: number, point: Point = { x: 0, y: 0 }): View {
  const scale = Math.min(Math.max(view.scale * factor, 1), LARGEST_SCALE);
  if (scale === 1) return FIT;
  const grown = scale / view.scale;
  return { scale, x: point.x - (point.x - view.x) * grown, y: point.y - (point.y - view.y) * grown };
}

/** Move, but never so far that the picture leaves its place (of that size). */
export function pan(view: View, dx: number, dy: number, place: { width: number; height: number }): View {
  const boundX = ((view.scale - 1) * place.width) / 2;
  const boundY = ((view.scale - 1) * place.height) / 2;
  return { scale: view.scale, x: clamp(view.x + dx, boundX), y: clamp(view.y + dy, boundY) };
}

function clamp(value: number, bound: number): number {
  return Math.min(Math.max(value, -bound), bound);
}
