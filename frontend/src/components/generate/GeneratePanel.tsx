"use client";

import { Button } from "@/components/ui/Button";
import { EmptyState } from "@/components/ui/EmptyState";
import { ProblemNotice } from "@/components/ui/ProblemNotice";
import { Skeleton } from "@/components/ui/Skeleton";
import { useModels } from "@/hooks/useModels";
import type { Remix } from "@/lib/remix";
import { GenerateForm } from "./GenerateForm";

export function GeneratePanel({ remix }: { remix: Remix }) {
  const models = useModels();
  return (
    <div className="mx-auto w-full max-w-3xl px-4 pt-6 pb-16 sm:px-6 sm:pt-10">
      <h1 className="text-2xl font-semibold tracking-tight">Generate</h1>
      <p className="mt-1 mb-8 text-muted">Every setting of a picture. Leave what you do not care about as it is.</p>
      {models.isPending ? (
        <div role="status" aria-label="Loading the models" className="flex flex-col gap-8">
          <Skeleton className="h-24" />
          <Skeleton className="h-24" />
          <Skeleton className="h-40" />
        </div>
      ) : models.isError ? (
        <ProblemNotice
          error={models.error}
          action={
            <Button size="small" onClick={() => void models.refetch()}>
              Load again
            </Button>
          }
        />
      ) : models.data.length === 0 ? (
        <EmptyState title="No model is here yet">Whoever runs this studio can add one with EASEL_MODEL.</EmptyState>
      ) : (
        <GenerateForm key={JSON.stringify(remix)} models={models.data} remix={remix} />
      )}
    </div>
  );
}
