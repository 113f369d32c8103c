"use client";

import { useText } from "@/hooks/useText";
import { cn } from "@/lib/cn";
import type { Model } from "@/lib/contract";
import { type SizeChoice, sizeChoices } from "@/lib/modelLimits";

export interface SizePresetsProps {
  model: Model;
  width: number;
  height: number;
  onSize: (size: SizeChoice) => void;
}

export function SizePresets({ model, width, height, onSize }: SizePresetsProps) {
  const text = useText("generate");
  const common = useText("common");
  return (
    <div role="group" aria-label={text("sizes")} className="flex flex-wrap gap-2">
      {sizeChoices(model).map((size) => {
        const chosen = size.width === width && size.height === height;
        const longest = Math.max(size.width, size.height);
        return (
          <button
            key={`${size.width}x${size.height}`}
            type="button"
            aria-pressed={chosen}
            onClick={() => onSize(size)}
            className={cn(
              "tabular flex h-11 items-center gap-2.5 rounded-xl border px-3.5 text-sm transition-colors duration-150",
              chosen ? "border-ring bg-accent-soft text-foreground" : "border-border bg-surface text-muted hover:bg-surface-hover",
            )}
          >
            <span
              aria-hidden
              className="rounded-[3px] border-[1.5px] border-current"
              style={{ width: (18 * size.width) / longest, height: (18 * size.height) / longest }}
            />
            {common(size.shape)}
            <span className="text-[13px] text-subtle">
              {size.width} × {size.height}
            </span>
          </button>
        );
      })}
    </div>
  );
}
