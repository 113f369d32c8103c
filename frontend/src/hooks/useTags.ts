import { useQuery } from "@tanstack/react-query";
import { tagsQuery } from "@/lib/queries/tags";

export function useTags() {
  return useQuery(tagsQuery());
}
