import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { createShareLink, revokeShareLink } from "@/lib/calls";
import { shareLinksQuery } from "@/lib/queries/shareLinks";
import { shareLinksKey } from "@/lib/queries/keys";
import { useText } from "./useText";
import { useToasts } from "./useToasts";

export type ShareTarget = { image_id: string } | { collection_id: string };

/** The open links to one thing; making another, ending one. */
export function useShareLinks(target: ShareTarget) {
  const queries = useQueryClient();
  const text = useText("sharing");
  const toasts = useToasts();
  const refresh = () => void queries.invalidateQueries({ queryKey: shareLinksKey });
  const links = useQuery({
    ...shareLinksQuery(),
    select: (items) =>
      items.filter((link) => ("image_id" in target ? link.image_id === target.image_id : link.collection_id === target.collection_id)),
  });
  const create = useMutation({
    mutationFn: (hours: number) => createShareLink({ ...target, expires_in_hours: hours }),
    onSuccess: refresh,
    onError: (error) => toasts.problem(error, text("failed")),
  });
  const revoke = useMutation({
    mutationFn: revokeShareLink,
    onSuccess: refresh,
    onError: (error) => toasts.problem(error, text("revokeFailed")),
  });
  return { links, create, revoke };
}
