import { useQuery } from "@tanstack/react-query";
import { modelsQuery } from "@/lib/queries/models";

export function useModels() {
  return useQuery(modelsQuery());
}
