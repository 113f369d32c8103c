import { QueryClient } from "@tanstack/react-query";
import { beforeEach, describe, expect, it } from "vitest";
import { aJob } from "@/testing/fixtures";
import { addToFeed, keepArrivals, readJob, removeFromFeed, replaceInFeed } from "./jobCache";
import { applyJobEvent, type JobEvent } from "./jobEvents";
import { optimisticJob } from "./jobs";
import { imageKeys, jobKeys } from "./queries/keys";

let queries: QueryClient;
const ids = () => queries.getQueryData<{ pages: { ids: string[] }[] }>(jobKeys.feed())?.pages.flatMap((page) => page.ids);
const anEvent = (changes: Partial<JobEvent> = {}): JobEvent => ({
  job_id: "job-1",
  status: "RUNNING",
  progress: 0.5,
  queue_position: null,
  eta_seconds: 1,
  preview: null,
  job: null,
  ...changes,
});

beforeEach(() => {
  queries = new QueryClient();
  queries.setQueryData(jobKeys.feed(), { pages: [{ ids: ["old"], nextCursor: "c" }], pageParams: [null] });
});

describe("the feed", () => {
  it("takes a new job on top, once", () => {
    addToFeed(queries, aJob());
    addToFeed(queries, aJob({ status: "RUNNING" }));
    expect(ids()).toEqual(["job-1", "old"]);
    expect(readJob(queries, "job-1")?.status).toBe("RUNNING");
  });

  it("puts the answer in the place of its optimistic card, whichever way the job comes first", () => {
    const card = optimisticJob("k", { prompt: "a red rocket", num_images: 1 }, undefined);
    addToFeed(queries, card);
    applyJobEvent(queries, "job.queued", anEvent({ status: "QUEUED", job: aJob() }));
    expect(ids()).toEqual(["job-1", "old"]);
    replaceInFeed(queries, card.job_id, aJob());
    expect(ids()).toEqual(["job-1", "old"]);
  });

  it("keeps what came while an older answer was on its way", () => {
    const card = optimisticJob("k", { prompt: "x", num_images: 1 }, undefined);
    addToFeed(queries, card);
    const withArrivals = keepArrivals(queries);
    addToFeed(queries, aJob());
    expect(withArrivals(["older", "old"])).toEqual(["job-1", card.job_id, "older", "old"]);
    expect(withArrivals(["job-1", "old"])).toEqual([card.job_id, "job-1", "old"]);
  });

  it("takes the answer on top when its card is gone", () => {
    replaceInFeed(queries, "sending-k", aJob());
    expect(ids()).toEqual(["job-1", "old"]);
  });

  it("forgets a card that was refused", () => {
    const card = optimisticJob("k", { prompt: "x", num_images: 1 }, undefined);
    addToFeed(queries, card);
    removeFromFeed(queries, card.job_id);
    expect(ids()).toEqual(["old"]);
    expect(readJob(queries, card.job_id)).toBeUndefined();
  });
});

describe("applyJobEvent", () => {
  it("writes progress and preview into the job that is known", () => {
    addToFeed(queries, aJob());
    applyJobEvent(queries, "job.progress", anEvent({ preview: "data:image/png;base64,AAAA" }));
    expect(readJob(queries, "job-1")).toMatchObject({ status: "RUNNING", progress: 0.5, preview: "data:image/png;base64,AAAA" });
  });

  it("shows nothing that is not a picture in itself", () => {
    addToFeed(queries, aJob());
    applyJobEvent(queries, "job.progress", anEvent({ preview: "https://evil.example/pixel.png" }));
    expect(readJob(queries, "job-1")?.preview).toBeNull();
  });

  it("leaves progress of an unknown job to whoever asks for it", () => {
    applyJobEvent(queries, "job.progress", anEvent({ job_id: "stranger" }));
    expect(readJob(queries, "stranger")).toBeUndefined();
  });

  it("makes the gallery look again when pictures are done, once", () => {
    queries.setQueryData(imageKeys.list({}), { pages: [], pageParams: [] });
    const stale = () => queries.getQueryState(imageKeys.list({}))?.isInvalidated;
    const done = anEvent({ status: "COMPLETED", progress: 1, job: aJob({ status: "COMPLETED", progress: 1 }) });
    applyJobEvent(queries, "job.completed", done);
    expect(stale()).toBe(true);
    queries.setQueryData(imageKeys.list({}), { pages: [], pageParams: [] });
    applyJobEvent(queries, "job.completed", done);
    expect(stale()).toBe(false);
  });
});
