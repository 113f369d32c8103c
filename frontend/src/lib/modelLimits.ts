import type { Model, ModelLimits } from "./contract";
import type { TextKey } from "./text";

export interface SizeChoice {
  width: number;
  height: number;
  /** The message that names its shape. */
  shape: Extract<TextKey<"common">, `shape${string}`>;
}

export function chooseModel(models: readonly Model[] | undefined, id: string | null | undefined): Model | undefined {
  return models?.find((model) => model.id === id) ?? models?.find((model) => model.default) ?? models?.[0];
}

function edges(min: number, max: number, step: number): number[] {
  const first = Math.ceil(min / step);
  return Array.from({ length: Math.max(Math.floor(max / step) - first + 1, 0) }, (_, index) => (first + index) * step);
}

/** Off by more than this, a shape is not what its name says. */
const SHAPE_TOLERANCE = 0.06;

const SHAPES = [
  { shape: "shapeSquare", x: 1, y: 1 },
  { shape: "shapePortrait", x: 3, y: 4 },
  { shape: "shapeLandscape", x: 4, y: 3 },
  { shape: "shapeTall", x: 9, y: 16 },
  { shape: "shapeWide", x: 16, y: 9 },
] as const;

function shapeOf(width: number, height: number): SizeChoice["shape"] {
  const known = SHAPES.find(({ x, y }) => Math.abs((width * y) / (height * x) - 1) < SHAPE_TOLERANCE);
  return known?.shape ?? (width < height ? "shapeUpright" : "shapeLying");
}

/** Whether any width and height within the bounds will do, or only the sizes that the model was trained for. */
export function takesAnySize({ sizes, ...limits }: ModelLimits): boolean {
  const oneSize = limits.min_width === limits.max_width && limits.min_height === limits.max_height;
  return sizes.length === 0 && !oneSize;
}

/** The sizes that this model was trained for, or else shapes at about the area of its default, which comes first. */
export function sizeChoices(model: Model): SizeChoice[] {
  const { limits, defaults } = model;
  if (limits.sizes.length > 0) {
    return limits.sizes.map(([width, height]) => ({ width, height, shape: shapeOf(width, height) }));
  }
  const area = defaults.width * defaults.height;
  const choices: SizeChoice[] = [{ width: defaults.width, height: defaults.height, shape: "shapeDefault" }];
  const heights = edges(limits.min_height, limits.max_height, limits.multiple_of);
  const possible = edges(limits.min_width, limits.max_width, limits.multiple_of)
    .flatMap((width) => heights.map((height) => ({ width, height })))
    .sort((one, other) => Math.abs(one.width * one.height - area) - Math.abs(other.width * other.height - area));
  for (const { shape, x, y } of SHAPES) {
    const size = possible.find(({ width, height }) => Math.abs((width * y) / (height * x) - 1) < SHAPE_TOLERANCE);
    const known = choices.some((choice) => choice.width === size?.width && choice.height === size.height);
    if (size && !known) choices.push({ ...size, shape });
  }
  return choices;
}

/** What was chosen for one model may be beyond another: then the default stands in. */
export function fitToModel(
  model: Model,
  chosen: { width: number | null; height: number | null; num_images: number },
): { width: number; height: number; num_images: number } {
  const { width, height } =
    sizeChoices(model).find((size) => size.width === chosen.width && size.height === chosen.height) ?? model.defaults;
  return { width, height, num_images: Math.min(chosen.num_images, model.limits.max_images) };
}
