import { describe, expect, it } from "vitest";
import { justify, neighbour, rowOf, rowsBetween } from "./justifiedRows";

const squares = (count: number) => Array.from({ length: count }, () => ({ width: 64, height: 64 }));
const mixed = Array.from({ length: 500 }, (_, n) => ({ width: 64 + ((n * 37) % 90), height: 64 + ((n * 53) % 70) }));

describe("justify", () => {
  it("fills every row but the last from edge to edge, in order, with nothing cropped", () => {
    const { rows } = justify(mixed, 1_000, 200, 10);
    expect(rows.flatMap((row) => row.places).length).toBe(mixed.length);
    for (const row of rows.slice(0, -1)) {
      const last = row.places.at(-1);
      expect((last?.start ?? 0) + (last?.width ?? 0)).toBeCloseTo(1_000, 6);
      expect(row.height).toBeGreaterThanOrEqual(200);
      row.places.forEach((place, at) => {
        const shape = mixed[row.first + at];
        expect(place.width / row.height).toBeCloseTo((shape?.width ?? 0) / (shape?.height ?? 1), 6);
      });
    }
  });

  it("puts two squares side by side on a phone and does not blow up the last one", () => {
    const { rows, height } = justify(squares(5), 366, 172, 8);
    expect(rows.map((row) => row.places.length)).toEqual([2, 2, 1]);
    expect(rows[0]?.height).toBe(179);
    expect(rows[2]?.height).toBe(172);
    expect(height).toBe(179 + 8 + 179 + 8 + 172);
  });

  it("shrinks what is wider than the wall, and takes nothing for nothing", () => {
    expect(justify([{ width: 800, height: 100 }], 400, 200, 8).rows[0]?.height).toBe(50);
    expect(justify([], 400, 200, 8)).toEqual({ rows: [], height: 0 });
  });
});

describe("finding places again", () => {
  const { rows, height } = justify(mixed, 1_000, 200, 10);

  it("names the rows within a span and none besides", () => {
    const [first, end] = rowsBetween(rows, 1_000, 2_000);
    rows.forEach((row, at) => {
      const touches = row.top + row.height >= 1_000 && row.top <= 2_000;
      expect(at >= first && at < end).toBe(touches);
    });
    expect(rowsBetween(rows, height + 1_000, height + 2_000)).toEqual([rows.length, rows.length]);
    expect(rowsBetween([], 0, 100)).toEqual([0, 0]);
  });

  it("knows each picture's row", () => {
    rows.forEach((row, at) => row.places.forEach((_, place) => expect(rowOf(rows, row.first + place)).toBe(at)));
  });

  it("goes straight up and down, and stays at the edges", () => {
    const grid = justify(squares(9), 632, 200, 10).rows;
    expect(grid.map((row) => row.places.length)).toEqual([3, 3, 3]);
    expect([neighbour(grid, 4, -1), neighbour(grid, 4, 1)]).toEqual([1, 7]);
    expect([neighbour(grid, 1, -1), neighbour(grid, 8, 1)]).toEqual([1, 8]);
    const short = justify(squares(7), 632, 200, 10).rows;
    expect(neighbour(short, 5, 1)).toBe(6);
  });
});
