import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { ImageFilters } from "@/lib/imageFilters";
import { imagesQuery } from "@/lib/queries/images";

export function useImages(filters: ImageFilters) {
  const query = useInfiniteQuery({ ...imagesQuery(filters), placeholderData: (previous) => previous });
  const images = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  return { ...query, images };
}
