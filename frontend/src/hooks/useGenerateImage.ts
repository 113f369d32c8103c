import { useMutation, useQueryClient } from "@tanstack/react-query";
import { createJob } from "@/lib/calls";
import type { GenerateRequest } from "@/lib/contract";
import { randomId } from "@/lib/ids";
import { addToFeed, removeFromFeed, replaceInFeed } from "@/lib/jobCache";
import { optimisticJob } from "@/lib/jobs";
import { chooseModel } from "@/lib/modelLimits";
import { isProblem } from "@/lib/problem";
import { useModels } from "./useModels";

interface Order {
  request: GenerateRequest;
  key: string;
}

/** Sends a request; its card is in the feed at once, and goes away again if the API refuses. */
export function useGenerateImage() {
  const queries = useQueryClient();
  const { data: models } = useModels();
  const mutation = useMutation({
    mutationFn: ({ request, key }: Order) => createJob(request, key),
    // The idempotency key makes it safe to ask again when no answer came.
    retry: (failures, error) => failures < 2 && isProblem(error, "network"),
    onMutate: ({ request, key }) => {
      const card = optimisticJob(key, request, chooseModel(models, request.model));
      addToFeed(queries, card);
      return { cardId: card.job_id };
    },
    onSuccess: (job, _order, context) => replaceInFeed(queries, context.cardId, job),
    onError: (_error, _order, context) => {
      if (context) removeFromFeed(queries, context.cardId);
    },
  });
  return {
    generate: (request: GenerateRequest) => mutation.mutateAsync({ request, key: randomId() }),
    isSending: mutation.isPending,
  };
}
