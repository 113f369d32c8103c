"use client";

import { Dices } from "lucide-react";
import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import { Controller, type Path, useForm, useWatch } from "react-hook-form";
import { Button } from "@/components/ui/Button";
import { IconButton } from "@/components/ui/IconButton";
import { ProblemNotice } from "@/components/ui/ProblemNotice";
import { RangeField, type RangeFieldProps } from "@/components/ui/RangeField";
import { SelectField } from "@/components/ui/SelectField";
import { TextArea } from "@/components/ui/TextArea";
import { TextField } from "@/components/ui/TextField";
import { useGenerateImage } from "@/hooks/useGenerateImage";
import type { Model } from "@/lib/contract";
import { showFieldErrors } from "@/lib/formErrors";
import { statusPath } from "@/lib/links";
import { lazyResolver } from "@/lib/lazyResolver";
import { chooseModel, sizeChoices, takesAnySize } from "@/lib/modelLimits";
import type { Remix } from "@/lib/remix";
import type { RequestForm } from "@/lib/requestSchema";
import { moveToModel, startValues, toRequest } from "./formValues";
import { SizePresets } from "./SizePresets";

const FIELDS: readonly Path<RequestForm>[] = [
  "prompt", "negative_prompt", "model", "width", "height", "steps", "guidance", "seed", "num_images", "visibility",
];

type RangeName = "width" | "height" | "steps" | "guidance" | "num_images";
type Bounds = Pick<RangeFieldProps, "min" | "max" | "step">;

export interface GenerateFormProps {
  models: readonly Model[];
  remix: Remix;
}

/** Every parameter, with its range from the model. */
export function GenerateForm({ models, remix }: GenerateFormProps) {
  const router = useRouter();
  const { generate } = useGenerateImage();
  const [problem, setProblem] = useState<unknown>(null);
  const [modelId, setModelId] = useState(() => chooseModel(models, remix.model)?.id ?? "");
  const model = chooseModel(models, modelId);
  const form = useForm<RequestForm>({
    resolver: model && lazyResolver<RequestForm>(async () => (await import("@/lib/requestSchema")).requestSchema(model.limits)),
    defaultValues: model ? startValues(model, remix) : {},
    mode: "onTouched",
  });
  const { register, control, handleSubmit, setError, setFocus, setValue, getValues, formState } = form;
  const { errors, isSubmitting } = formState;
  const prompt = useWatch({ control, name: "prompt" });
  const [width, height] = useWatch({ control, name: ["width", "height"] });

  useEffect(() => {
    // Not where that would open a keyboard over the form.
    if (window.matchMedia("(pointer: fine)").matches) setFocus("prompt");
  }, [setFocus]);

  if (!model) return null;
  const { limits, defaults } = model;
  const onlySize = sizeChoices(model).length === 1 && !takesAnySize(limits);

  const onModel = (id: string) => {
    const next = chooseModel(models, id);
    if (!next) return;
    setModelId(next.id);
    form.reset(moveToModel(getValues(), next), { keepDirty: true });
  };
  const onSubmit = handleSubmit(async (values) => {
    setProblem(null);
    try {
      const job = await generate(toRequest(values));
      router.push(statusPath(job.job_id));
    } catch (error) {
      setProblem(showFieldErrors(error, FIELDS, setError));
    }
  });
  const range = (name: RangeName, label: string, bounds: Bounds, help: string) => (
    <Controller
      control={control}
      name={name}
      render={({ field: { onChange, ...field }, fieldState: { error } }) => (
        <RangeField id={name} label={label} help={help} error={error?.message} onValue={onChange} {...field} {...bounds} />
      )}
    />
  );

  return (
    <form noValidate onSubmit={(event) => void onSubmit(event)} className="flex flex-col gap-8">
      <TextArea
        id="prompt"
        label="Prompt"
        aside={`${prompt.trim().length} of ${limits.max_prompt_chars}`}
        placeholder="a red rocket"
        error={errors.prompt?.message}
        {...register("prompt")}
      />
      <TextArea
        id="negative_prompt"
        label="Without"
        help="What the picture should keep away from (negative prompt)."
        error={errors.negative_prompt?.message}
        {...register("negative_prompt")}
      />
      <div className="grid gap-8 sm:grid-cols-2">
        <SelectField id="model" label="Model" help="Its limits are the ranges below." value={modelId} onChange={(event) => onModel(event.target.value)}>
          {models.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </SelectField>
        {range("num_images", "Pictures", { min: 1, max: limits.max_images, step: 1 }, "Each with a seed of its own.")}
      </div>
      <fieldset className="flex flex-col gap-4">
        <legend className="mb-3 text-sm font-medium">Size</legend>
        {onlySize ? (
          <p className="tabular -mt-2 text-[15px] text-muted">
            {model.name} makes pictures of {defaults.width} × {defaults.height} pixels, and no others.
          </p>
        ) : (
          <>
            <SizePresets
              model={model}
              width={width}
              height={height}
              onSize={(size) => {
                setValue("width", size.width, { shouldDirty: true, shouldValidate: true });
                setValue("height", size.height, { shouldDirty: true, shouldValidate: true });
              }}
            />
            {takesAnySize(limits) ? (
              <div className="grid gap-8 sm:grid-cols-2">
                {range("width", "Width", { min: limits.min_width, max: limits.max_width, step: limits.multiple_of }, `${limits.min_width} to ${limits.max_width} pixels, in steps of ${limits.multiple_of}.`)}
                {range("height", "Height", { min: limits.min_height, max: limits.max_height, step: limits.multiple_of }, `${limits.min_height} to ${limits.max_height} pixels, in steps of ${limits.multiple_of}.`)}
              </div>
            ) : errors.width ? (
              <p role="alert" className="text-[13px] text-danger">
                {errors.width.message}
              </p>
            ) : null}
          </>
        )}
      </fieldset>
      <div className="grid gap-8 sm:grid-cols-2">
        {range("steps", "Steps", { min: limits.min_steps, max: limits.max_steps, step: 1 }, `More is slower and finer; ${defaults.steps} is this model's default.`)}
        {range("guidance", "Guidance", { min: limits.min_guidance, max: limits.max_guidance, step: 0.5 }, `How closely to follow the prompt; ${defaults.guidance} is this model's default.`)}
      </div>
      <div className="grid gap-8 sm:grid-cols-2">
        <div className="flex items-start gap-2">
          <TextField
            id="seed"
            label="Seed"
            type="number"
            inputMode="numeric"
            placeholder="random"
            help="The same seed and settings give the same picture. Empty: a new one each time."
            error={errors.seed?.message}
            className="flex-1"
            {...register("seed", { setValueAs: (value: unknown) => (value === "" || value == null ? null : Number(value)) })}
          />
          <IconButton
            label="Roll a seed"
            className="mt-7"
            onClick={() => setValue("seed", crypto.getRandomValues(new Uint32Array(1))[0] ?? 0, { shouldValidate: true })}
          >
            <Dices aria-hidden />
          </IconButton>
        </div>
        <SelectField id="visibility" label="Who can see it" help="You can change this later." error={errors.visibility?.message} {...register("visibility")}>
          <option value="private">Only me</option>
          <option value="organization">My organisation</option>
        </SelectField>
      </div>
      {problem ? <ProblemNotice error={problem} advice="Everything that you filled in is kept." /> : null}
      <div className="sticky bottom-0 -mx-4 flex justify-end gap-3 bg-background/90 px-4 py-4 backdrop-blur-md sm:static sm:mx-0 sm:bg-transparent sm:p-0">
        <Button type="submit" look="accent" size="large" disabled={isSubmitting} className="max-sm:flex-1">
          {isSubmitting ? "Sending…" : "Generate"}
        </Button>
      </div>
    </form>
  );
}
