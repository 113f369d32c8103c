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
import { useHydrated } from "@/hooks/useHydrated";
import { useText } from "@/hooks/useText";
import { useTypedBefore } from "@/hooks/useTypedBefore";
import { cn } from "@/lib/cn";
import type { Model } from "@/lib/contract";
import { showFieldErrors } from "@/lib/formErrors";
import { statusPath } from "@/lib/links";
import { lazyResolver } from "@/lib/lazyResolver";
import { chooseModel, sizeChoices, takesAnySize } from "@/lib/modelLimits";
import type { Remix } from "@/lib/remix";
import type { RequestForm } from "@/lib/requestSchema";
import { moveToModel, startValues, toRequest } from "./formValues";
import { QualityPresets } from "./QualityPresets";
import { SizePresets } from "./SizePresets";

const FIELDS: readonly Path<RequestForm>[] = [
  "prompt", "negative_prompt", "model", "width", "height", "steps", "guidance", "seed", "num_images", "visibility",
];

const TEXTS = ["prompt", "negative_prompt"] as const;

type RangeName = "width" | "height" | "steps" | "guidance" | "num_images";
type Bounds = Pick<RangeFieldProps, "min" | "max" | "step">;

export interface GenerateFormProps {
  models: readonly Model[];
  remix: Remix;
}

/** Every parameter, with its range from the model. */
export function GenerateForm({ models, remix }: GenerateFormProps) {
  const text = useText("generate");
  const router = useRouter();
  const { generate } = useGenerateImage();
  const hydrated = useHydrated();
  const [problem, setProblem] = useState<unknown>(null);
  const [modelId, setModelId] = useState(() => chooseModel(models, remix.model)?.id ?? "");
  const model = chooseModel(models, modelId);
  const form = useForm<RequestForm>({
    resolver: model && lazyResolver<RequestForm>(async () => (await import("@/lib/requestSchema")).requestSchema(model.limits, text)),
    defaultValues: model ? startValues(model, remix) : {},
    mode: "onTouched",
  });
  const { register, control, handleSubmit, setError, setFocus, setValue, getValues, formState } = form;
  const { errors, isSubmitting } = formState;
  const prompt = useWatch({ control, name: "prompt" });
  const [width, height, steps] = useWatch({ control, name: ["width", "height", "steps"] });

  useTypedBefore(TEXTS, (name, value) => setValue(name, value, { shouldDirty: true }));
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
        label={text("prompt")}
        aside={text("promptLength", { n: prompt.trim().length, limit: limits.max_prompt_chars })}
        placeholder={text("promptExample")}
        error={errors.prompt?.message}
        {...register("prompt")}
      />
      <TextArea
        id="negative_prompt"
        label={text("without")}
        help={text("withoutHelp")}
        error={errors.negative_prompt?.message}
        {...register("negative_prompt")}
      />
      <div className="grid gap-8 sm:grid-cols-2">
        <SelectField id="model" label={text("model")} help={text("modelHelp")} value={modelId} onChange={(event) => onModel(event.target.value)}>
          {models.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </SelectField>
        {range("num_images", text("pictures"), { min: 1, max: limits.max_images, step: 1 }, text("picturesHelp"))}
      </div>
      <fieldset className="flex flex-col gap-4">
        <legend className="mb-3 text-sm font-medium">{text("size")}</legend>
        {onlySize ? (
          <p className="tabular -mt-2 text-[15px] text-muted">
            {text("onlySize", { model: model.name, width: defaults.width, height: defaults.height })}
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
                {range("width", text("width"), { min: limits.min_width, max: limits.max_width, step: limits.multiple_of }, text("edgeHelp", { min: limits.min_width, max: limits.max_width, step: limits.multiple_of }))}
                {range("height", text("height"), { min: limits.min_height, max: limits.max_height, step: limits.multiple_of }, text("edgeHelp", { min: limits.min_height, max: limits.max_height, step: limits.multiple_of }))}
              </div>
            ) : errors.width ? (
              <p role="alert" className="text-[13px] text-danger">
                {errors.width.message}
              </p>
            ) : null}
          </>
        )}
      </fieldset>
      <QualityPresets
        model={model}
        steps={steps}
        onSteps={(value) => setValue("steps", value, { shouldDirty: true, shouldValidate: true })}
      />
      <div className="grid gap-8 sm:grid-cols-2">
        {range("steps", text("steps"), { min: limits.min_steps, max: limits.max_steps, step: 1 }, text("stepsHelp", { n: defaults.steps }))}
        {range("guidance", text("guidance"), { min: limits.min_guidance, max: limits.max_guidance, step: 0.5 }, text("guidanceHelp", { n: defaults.guidance }))}
      </div>
      <div className="grid gap-8 sm:grid-cols-2">
        <div className="flex items-start gap-2">
          <TextField
            id="seed"
            label={text("seed")}
            type="number"
            inputMode="numeric"
            placeholder={text("seedRandom")}
            help={text("seedHelp")}
            error={errors.seed?.message}
            className="flex-1"
            {...register("seed", { setValueAs: (value: unknown) => (value === "" || value == null ? null : Number(value)) })}
          />
          <IconButton
            label={text("rollSeed")}
            className="mt-7"
            onClick={() => setValue("seed", crypto.getRandomValues(new Uint32Array(1))[0] ?? 0, { shouldValidate: true })}
          >
            <Dices aria-hidden />
          </IconButton>
        </div>
        <SelectField id="visibility" label={text("visibility")} help={text("visibilityHelp")} error={errors.visibility?.message} {...register("visibility")}>
          <option value="private">{text("onlyMe")}</option>
          <option value="organization">{text("myOrganisation")}</option>
        </SelectField>
      </div>
      {problem ? <ProblemNotice error={problem} advice={text("kept")} /> : null}
      <div className="sticky bottom-0 -mx-4 flex justify-end gap-3 bg-background/90 px-4 py-4 backdrop-blur-md sm:static sm:mx-0 sm:bg-transparent sm:p-0">
        {/* Before there is a script the browser would send the form by itself. That is too short to look any different. */}
        <Button
          type="submit"
          look="accent"
          size="large"
          disabled={isSubmitting || !hydrated}
          className={cn("max-sm:flex-1", !hydrated && "disabled:opacity-100!")}
        >
          {isSubmitting ? text("sending") : text("submit")}
        </Button>
      </div>
    </form>
  );
}
