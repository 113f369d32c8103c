/** Smooth enlargement looks good up to about three times; below the smallest edge, a picture is too small to enjoy at all. */
const MAX_SCALE = 3;
const SMALLEST_EDGE = 192;
const LARGEST_EDGE = 512;

export interface Size {
  width: number;
  height: number;
}

/** How large to show a picture of this size, in CSS pixels: small ones grow, but never into a blur. */
export function displaySize(natural: Size, largest = LARGEST_EDGE, smallest = SMALLEST_EDGE, scaleUp = MAX_SCALE): Size {
  const longest = Math.max(natural.width, natural.height, 1);
  const target = Math.min(Math.max(longest * scaleUp, smallest), largest);
  const scale = target / longest;
  return { width: Math.round(natural.width * scale), height: Math.round(natural.height * scale) };
}
