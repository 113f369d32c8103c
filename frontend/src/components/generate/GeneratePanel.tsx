"use client";

import { Button } from "@/components/ui/Button";
import { EmptyState } from "@/components/ui/EmptyState";
import { ProblemNotice } from "@/components/ui/ProblemNotice";
import { Skeleton } from "@/components/ui/Skeleton";
import { useModels } from "@/hooks/useModels";
import { usePictureDrop } from "@/hooks/usePictureParameters";
import { useText } from "@/hooks/useText";
import { cn } from "@/lib/cn";
import type { Remix } from "@/lib/remix";
import { GenerateForm } from "./GenerateForm";
import { ReadPicture } from "./ReadPicture";

export function GeneratePanel({ remix }: { remix: Remix }) {
  const text = useText("generate");
  const common = useText("common");
  const models = useModels();
  const drop = usePictureDrop();
  return (
    <div
      {...drop.target}
      className={cn("mx-auto w-full max-w-3xl rounded-3xl px-4 pt-6 pb-16 sm:px-6 sm:pt-10", drop.over && "bg-accent-soft")}
    >
      <div className="flex items-center justify-between gap-4">
        <h1 className="text-2xl font-semibold tracking-tight">{text("title")}</h1>
        <ReadPicture />
      </div>
      <p className="mt-1 mb-8 text-muted">{text("lead")}</p>
      {models.isPending ? (
        <div role="status" aria-label={text("loadingModels")} className="flex flex-col gap-8">
          <Skeleton className="h-24" />
          <Skeleton className="h-24" />
          <Skeleton className="h-40" />
        </div>
      ) : models.isError ? (
        <ProblemNotice
          error={models.error}
          action={
            <Button size="small" onClick={() => void models.refetch()}>
              {common("loadAgain")}
            </Button>
          }
        />
      ) : models.data.length === 0 ? (
        <EmptyState title={text("noModel")}>{text("noModelLead")}</EmptyState>
      ) : (
        <GenerateForm key={JSON.stringify(remix)} models={models.data} remix={remix} />
      )}
    </div>
  );
}
