"use client";

import { Chip } from "@/components/ui/Chip";
import { Menu } from "@/components/ui/Menu";
import { useDraft } from "@/hooks/useDraft";
import { useText } from "@/hooks/useText";
import type { Model } from "@/lib/contract";
import { fitToModel, type SizeChoice, sizeChoices } from "@/lib/modelLimits";
import { SeedChip } from "./SeedChip";

const COUNTS = [1, 2, 3, 4, 6, 8];

function sizeKey(size: Pick<SizeChoice, "width" | "height">): string {
  return `${size.width}x${size.height}`;
}

/** Model, size and count, quietly; what they offer is what the model can do. */
export function ComposerChips({ models, model }: { models: readonly Model[]; model: Model | undefined }) {
  const text = useText("studio");
  const common = useText("common");
  const draft = useDraft();
  if (!model) return <div className="h-8" />;
  const sizes = sizeChoices(model);
  const { num_images: count, ...size } = fitToModel(model, draft);
  const counts = COUNTS.filter((choice) => choice <= model.limits.max_images);
  return (
    <div className="flex min-w-0 flex-1 items-center gap-0.5">
      {models.length > 1 ? (
        <Menu
          side="top"
          trigger={<Chip label={text("model")}>{model.name}</Chip>}
          entries={[
            {
              type: "choices",
              label: text("model"),
              value: model.id,
              onValue: (id) => draft.change({ model: id, width: null, height: null }),
              choices: models.map(({ id, name }) => ({ value: id, label: name })),
            },
          ]}
        />
      ) : null}
      {sizes.length > 1 ? (
        <Menu
          side="top"
          trigger={<Chip label={text("size")}>{`${size.width} × ${size.height}`}</Chip>}
          entries={[
            {
              type: "choices",
              label: text("size"),
              value: sizeKey(size),
              onValue: (key) => {
                const choice = sizes.find((candidate) => sizeKey(candidate) === key);
                if (choice) draft.change({ width: choice.width, height: choice.height });
              },
              choices: sizes.map((choice) => ({
                value: sizeKey(choice),
                label: common(choice.shape),
                aside: `${choice.width} × ${choice.height}`,
              })),
            },
          ]}
        />
      ) : null}
      <SeedChip />
      {counts.length > 1 ? (
        <Menu
          side="top"
          trigger={<Chip label={text("count")}>{common("pictures", { n: count })}</Chip>}
          entries={[
            {
              type: "choices",
              label: text("howMany"),
              value: String(count),
              onValue: (value) => draft.change({ num_images: Number(value) }),
              choices: counts.map((choice) => ({ value: String(choice), label: common("pictures", { n: choice }) })),
            },
          ]}
        />
      ) : null}
    </div>
  );
}
