/** A picture's place on the wall, in CSS pixels from the wall's upper start corner. */
export interface Place {
  start: number;
  width: number;
}

export interface Row {
  /** Index of its first picture. */
  first: number;
  top: number;
  height: number;
  places: readonly Place[];
}

export interface Wall {
  rows: readonly Row[];
  height: number;
}

interface Shape {
  width: number;
  height: number;
}

/**
 * Rows of one height each, filled from edge to edge, nothing cropped, in reading order. The same rows that flexbox makes of
 * the same figures (each picture asks for `rowHeight` and grows by its shape), so that the server's page and this one agree.
 */
export function justify(shapes: readonly Shape[], width: number, rowHeight: number, gap: number): Wall {
  const rows: Row[] = [];
  let first = 0;
  let top = 0;
  while (first < shapes.length) {
    let sum = 0;
    let end = first;
    while (end < shapes.length) {
      const shape = aspect(shapes[end]);
      const asked = (sum + shape) * rowHeight + (end - first) * gap;
      if (end > first && asked > width) break;
      sum += shape;
      end += 1;
    }
    const room = width - (end - first - 1) * gap;
    // The last row stays at its height instead of being blown up; a picture wider than the wall shrinks to it.
    const height = end === shapes.length ? Math.min(rowHeight, room / sum) : room / sum;
    const places: Place[] = [];
    let start = 0;
    for (let index = first; index < end; index += 1) {
      const own = aspect(shapes[index]) * height;
      places.push({ start, width: own });
      start += own + gap;
    }
    rows.push({ first, top, height, places });
    top += height + gap;
    first = end;
  }
  return { rows, height: Math.max(0, top - gap) };
}

/** The rows that touch the span from `from` to `to`, as [first, behind the last). */
export function rowsBetween(rows: readonly Row[], from: number, to: number): [number, number] {
  const first = lowerBound(rows, (row) => row.top + row.height >= from);
  const end = lowerBound(rows, (row) => row.top > to);
  return [first, Math.max(first, end)];
}

/** The row that holds a picture; -1 when there is none. */
export function rowOf(rows: readonly Row[], index: number): number {
  return lowerBound(rows, (row) => row.first > index) - 1;
}

/** The picture above or below that overlaps most with this one; itself at the edge. */
export function neighbour(rows: readonly Row[], index: number, direction: -1 | 1): number {
  const own = rowOf(rows, index);
  const row = rows[own];
  const next = rows[own + direction];
  const place = row?.places[index - row.first];
  if (!row || !next || !place) return index;
  const middle = place.start + place.width / 2;
  const at = next.places.findIndex((other) => other.start + other.width >= middle);
  return next.first + (at < 0 ? next.places.length - 1 : at);
}

function aspect(shape: Shape | undefined): number {
  return shape && shape.width > 0 && shape.height > 0 ? shape.width / shape.height : 1;
}

function lowerBound<T>(items: readonly T[], holds: (item: T) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const item = items[middle];
    if (item !== undefined && holds(item)) high = middle;
    else low = middle + 1;
  }
  return low;
}
