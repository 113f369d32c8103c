import type { GenerateRequest, Model } from "@/lib/contract";
import type { Remix } from "@/lib/remix";
import type { RequestForm } from "@/lib/requestSchema";

/** The model's defaults, under what the address bar brought along; another model's numbers are left behind. */
export function startValues(model: Model, remix: Remix): RequestForm {
  const numbers = remix.model === undefined || remix.model === model.id ? remix : {};
  return {
    prompt: remix.prompt ?? "",
    negative_prompt: remix.negative_prompt ?? "",
    model: model.id,
    width: numbers.width ?? model.defaults.width,
    height: numbers.height ?? model.defaults.height,
    steps: numbers.steps ?? model.defaults.steps,
    guidance: numbers.guidance ?? model.defaults.guidance,
    seed: remix.seed ?? null,
    num_images: Math.min(remix.num_images ?? 1, model.limits.max_images),
    visibility: "private",
  };
}

/** Another model: words stay, its own defaults come for all that depends on it. */
export function moveToModel(values: RequestForm, model: Model): RequestForm {
  return {
    ...values,
    model: model.id,
    ...model.defaults,
    num_images: Math.min(values.num_images, model.limits.max_images),
  };
}

export function toRequest(values: RequestForm): GenerateRequest {
  return { ...values, negative_prompt: values.negative_prompt || null };
}
