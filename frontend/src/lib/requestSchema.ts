import * as z from "zod/mini";
import type { ModelLimits } from "./contract";
import type { Text } from "./text";

// zod may compile validators with `new Function`, which the Content Security Policy forbids.
z.config({ jitless: true });

const MAX_SEED = 2 ** 32 - 1;

function whole(text: Text<"generate">, name: string, min: number, max: number) {
  const message = text("wholeFromTo", { name, min: String(min), max: String(max) });
  return z.number(message).check(z.int(message), z.gte(min, message), z.lte(max, message));
}

/** What this model accepts, in the words that the form shows. The API checks again, and has the last word. */
export function requestSchema(limits: ModelLimits, text: Text<"generate">) {
  const { multiple_of: step, sizes } = limits;
  const isTrainedFor = ({ width, height }: { width: number; height: number }) =>
    sizes.length === 0 || sizes.some(([w, h]) => w === width && h === height);
  const edge = (name: string, min: number, max: number) =>
    whole(text, name, min, max).check(z.multipleOf(step, text("multipleOf", { name, step })));
  const guidanceRange = text("numberFromTo", { name: text("guidance"), min: limits.min_guidance, max: limits.max_guidance });
  const tooLong = text("atMost", { n: limits.max_prompt_chars });
  const fields = z.object({
    prompt: z
      .string()
      .check(z.trim(), z.minLength(1, text("promptMissing")), z.maxLength(limits.max_prompt_chars, tooLong)),
    negative_prompt: z.string().check(z.trim(), z.maxLength(limits.max_prompt_chars, tooLong)),
    model: z.string(),
    width: edge(text("width"), limits.min_width, limits.max_width),
    height: edge(text("height"), limits.min_height, limits.max_height),
    steps: whole(text, text("steps"), limits.min_steps, limits.max_steps),
    guidance: z
      .number(guidanceRange)
      .check(z.gte(limits.min_guidance, guidanceRange), z.lte(limits.max_guidance, guidanceRange)),
    seed: z.nullable(whole(text, text("seed"), 0, MAX_SEED)),
    num_images: whole(text, text("pictures"), 1, limits.max_images),
    visibility: z.enum(["private", "organization"]),
  });
  const known = sizes.map(([width, height]) => `${width} × ${height}`).join(", ");
  return fields.check(z.refine(isTrainedFor, { path: ["width"], error: text("trainedSizes", { sizes: known }) }));
}

export type RequestForm = z.infer<ReturnType<typeof requestSchema>>;
