import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import type { LiveJob } from "./jobs";
import { isOptimistic, mergeJob } from "./jobs";
import { jobKeys } from "./queries/keys";

/** A page of the feed holds ids only: each job lives once, under its own key, and an event redraws one card. */
export interface FeedPage {
  ids: string[];
  nextCursor: string | null;
}
type Feed = InfiniteData<FeedPage, string | null>;

export function readJob(queries: QueryClient, jobId: string): LiveJob | undefined {
  return queries.getQueryData<LiveJob>(jobKeys.detail(jobId));
}

export function writeJob(queries: QueryClient, job: LiveJob): LiveJob {
  const merged = mergeJob(readJob(queries, job.job_id), job);
  queries.setQueryData<LiveJob>(jobKeys.detail(job.job_id), merged);
  return merged;
}

function updateFeed(queries: QueryClient, change: (pages: FeedPage[]) => FeedPage[]): void {
  queries.setQueryData<Feed>(jobKeys.feed(), (feed) => (feed ? { ...feed, pages: change(feed.pages) } : feed));
}

function feedIds(queries: QueryClient): string[] {
  return queries.getQueryData<Feed>(jobKeys.feed())?.pages.flatMap((page) => page.ids) ?? [];
}

/** The prompts of the feed, newest first, each once. */
export function feedPrompts(queries: QueryClient): string[] {
  return [...new Set(feedIds(queries).flatMap((id) => readJob(queries, id)?.prompt ?? []))];
}

/** A card of ours that is still waiting for its answer, and that this job is the answer to. */
function waitingCard(queries: QueryClient, job: LiveJob): string | undefined {
  return feedIds(queries).find((id) => isOptimistic(id) && readJob(queries, id)?.prompt === job.prompt);
}

/** Puts a job on top of the feed, in place of its optimistic card if there is one. */
export function addToFeed(queries: QueryClient, job: LiveJob): void {
  writeJob(queries, job);
  if (feedIds(queries).includes(job.job_id)) return;
  const card = isOptimistic(job.job_id) ? undefined : waitingCard(queries, job);
  if (card) {
    replaceInFeed(queries, card, job);
    return;
  }
  updateFeed(queries, (pages) => onTop(pages, job.job_id));
}

function onTop([first, ...rest]: FeedPage[], id: string): FeedPage[] {
  return [{ ids: [id, ...(first?.ids ?? [])], nextCursor: first?.nextCursor ?? null }, ...rest];
}

export function replaceInFeed(queries: QueryClient, oldId: string, job: LiveJob): void {
  writeJob(queries, job);
  const ids = feedIds(queries);
  const known = ids.includes(job.job_id);
  if (!known && !ids.includes(oldId)) {
    updateFeed(queries, (pages) => onTop(pages, job.job_id));
    return;
  }
  updateFeed(queries, (pages) =>
    pages.map((page) => ({
      ...page,
      ids: known
        ? page.ids.filter((id) => id !== oldId)
        : page.ids.map((id) => (id === oldId ? job.job_id : id)),
    })),
  );
  queries.removeQueries({ queryKey: jobKeys.detail(oldId), exact: true });
}

/**
 * Begin before asking for the feed's first page. The answer may be older than what came to the feed in the meantime:
 * what this returns puts that, and cards that are still waiting, on top of it.
 */
export function keepArrivals(queries: QueryClient): (answered: string[]) => string[] {
  const before = new Set(feedIds(queries));
  return (answered) => {
    const arrived = feedIds(queries).filter((id) => isOptimistic(id) || !before.has(id));
    return [...arrived.filter((id) => !answered.includes(id)), ...answered];
  };
}

export function removeFromFeed(queries: QueryClient, jobId: string): void {
  updateFeed(queries, (pages) => pages.map((page) => ({ ...page, ids: page.ids.filter((id) => id !== jobId) })));
  queries.removeQueries({ queryKey: jobKeys.detail(jobId), exact: true });
}
