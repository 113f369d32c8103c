import * as z from "zod/mini";
import type { ModelLimits } from "./contract";

// zod may compile validators with `new Function`, which the Content Security Policy forbids.
z.config({ jitless: true });

const MAX_SEED = 2 ** 32 - 1;

function whole(name: string, min: number, max: number) {
  const message = `${name} is a whole number from ${min} to ${max}.`;
  return z.number(message).check(z.int(message), z.gte(min, message), z.lte(max, message));
}

/** What this model accepts, in the words that the form shows. The API checks again, and has the last word. */
export function requestSchema(limits: ModelLimits) {
  const { multiple_of: step, sizes } = limits;
  const isTrainedFor = ({ width, height }: { width: number; height: number }) =>
    sizes.length === 0 || sizes.some(([w, h]) => w === width && h === height);
  const edge = (name: string, min: number, max: number) =>
    whole(name, min, max).check(z.multipleOf(step, `${name} is a multiple of ${step}.`));
  const guidanceRange = `Guidance is a number from ${limits.min_guidance} to ${limits.max_guidance}.`;
  const fields = z.object({
    prompt: z
      .string()
      .check(
        z.trim(),
        z.minLength(1, "Say what you want to see."),
        z.maxLength(limits.max_prompt_chars, `At most ${limits.max_prompt_chars} characters.`),
      ),
    negative_prompt: z
      .string()
      .check(z.trim(), z.maxLength(limits.max_prompt_chars, `At most ${limits.max_prompt_chars} characters.`)),
    model: z.string(),
    width: edge("Width", limits.min_width, limits.max_width),
    height: edge("Height", limits.min_height, limits.max_height),
    steps: whole("Steps", limits.min_steps, limits.max_steps),
    guidance: z
      .number(guidanceRange)
      .check(z.gte(limits.min_guidance, guidanceRange), z.lte(limits.max_guidance, guidanceRange)),
    seed: z.nullable(whole("Seed", 0, MAX_SEED)),
    num_images: whole("Pictures", 1, limits.max_images),
    visibility: z.enum(["private", "organization"]),
  });
  const known = sizes.map(([width, height]) => `${width} × ${height}`).join(", ");
  return fields.check(z.refine(isTrainedFor, { path: ["width"], error: `This model makes ${known}.` }));
}

export type RequestForm = z.infer<ReturnType<typeof requestSchema>>;
