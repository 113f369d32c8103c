import { describe, expect, it } from "vitest";
import { FIT, LARGEST_SCALE, pan, zoomAt } from "./zoom";

describe("zoom", () => {
  it("keeps the point under the pointer where it is", () => {
    const point = { x: 40, y: -30 };
    const before = { scale: 2, x: 10, y: 5 };
    const after = zoomAt(before, 1.5, point);
    expect((point.x - after.x) / after.scale).toBeCloseTo((point.x - before.x) / before.scale);
    expect((point.y - after.y) / after.scale).toBeCloseTo((point.y - before.y) / before.scale);
  });

  it("never shrinks below the place, and comes back to its middle", () => {
    expect(zoomAt({ scale: 1.2, x: 30, y: 0 }, 0.5)).toEqual(FIT);
    expect(zoomAt(FIT, 1_000).scale).toBe(LARGEST_SCALE);
  });

  it("moves a picture up to its edges", () => {
    const place = { width: 400, height: 200 };
    expect(pan({ scale: 2, x: 0, y: 0 }, 1_000, -1_000, place)).toEqual({ scale: 2, x: 200, y: -100 });
    expect(pan(FIT, 50, 50, place)).toEqual(FIT);
  });
});
