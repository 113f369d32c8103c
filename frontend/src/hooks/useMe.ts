import { useQuery } from "@tanstack/react-query";
import { meQuery } from "@/lib/queries/me";

export function useMe() {
  return useQuery(meQuery());
}
