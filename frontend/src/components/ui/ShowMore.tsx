"use client";

import { useText } from "@/hooks/useText";
import { Button } from "./Button";

export interface ShowMoreProps {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => Promise<unknown>;
}

/** Under a list that comes in pages; takes what an infinite query returns. */
export function ShowMore({ hasNextPage, isFetchingNextPage, fetchNextPage }: ShowMoreProps) {
  const text = useText("common");
  if (!hasNextPage) return null;
  return (
    <Button className="self-start" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
      {text(isFetchingNextPage ? "loadingMore" : "showMore")}
    </Button>
  );
}
