import { describe, expect, it } from "vitest";
import { aJob } from "@/testing/fixtures";
import { isOptimistic, mergeJob, optimisticJob } from "./jobs";

describe("mergeJob", () => {
  it("keeps a terminal state when an older answer arrives late", () => {
    const done = aJob({ status: "COMPLETED", progress: 1 });
    expect(mergeJob(done, aJob({ status: "RUNNING", progress: 0.9 }))).toBe(done);
  });

  it("never goes back in progress within one attempt", () => {
    const known = aJob({ status: "RUNNING", progress: 0.6, attempt: 1 });
    expect(mergeJob(known, aJob({ status: "RUNNING", progress: 0.4, attempt: 1 })).progress).toBe(0.6);
  });

  it("starts again from zero when another worker took over", () => {
    const known = aJob({ status: "RUNNING", progress: 0.6, attempt: 1 });
    expect(mergeJob(known, aJob({ status: "RUNNING", progress: 0.1, attempt: 2 })).progress).toBe(0.1);
  });

  it("ignores what an earlier attempt says", () => {
    const known = aJob({ status: "RUNNING", attempt: 2 });
    expect(mergeJob(known, aJob({ status: "RUNNING", attempt: 1, progress: 0.9 }))).toBe(known);
  });

  it("keeps the last preview while it runs, and drops it when it ends", () => {
    const known = { ...aJob({ status: "RUNNING" }), preview: "data:image/png;base64,AA" };
    expect(mergeJob(known, aJob({ status: "RUNNING" })).preview).toBe(known.preview);
    expect(mergeJob(known, aJob({ status: "COMPLETED" })).preview).toBeNull();
  });
});

describe("optimisticJob", () => {
  it("shows what the model will fill in, and is known as not yet sent", () => {
    const model = { id: "m", defaults: { width: 64, height: 96, steps: 20, guidance: 3 } };
    const job = optimisticJob("key", { prompt: "a red rocket", num_images: 2 }, model as never);
    expect(job.params).toMatchObject({ model: "m", width: 64, height: 96, steps: 20, num_images: 2 });
    expect(isOptimistic(job.job_id)).toBe(true);
    expect(isOptimistic("0198c0de-0000-7000-8000-000000000000")).toBe(false);
  });
});
