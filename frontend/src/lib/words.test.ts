import { describe, expect, it } from "vitest";
import { de } from "@/messages/de";
import { en } from "@/messages/en";
import { aJob } from "@/testing/fixtures";
import { displaySize } from "./display";
import { imageFileName, makeFormats } from "./format";
import { readImageFilters, writeImageFilters } from "./imageFilters";
import { fieldName } from "./problem";
import { asCurl, readRemix, remixHref, requestOf } from "./remix";
import { makeText } from "./text";
import { describeJob } from "./wording";

const text = makeText(en, "jobs");
const formats = makeFormats("en", makeText(en, "common"));

describe("describeJob", () => {
  it.each([
    [{ status: "QUEUED", queue_position: 3, eta_seconds: 12 }, "Third in the queue, about 12 s"],
    [{ status: "QUEUED", queue_position: 1 }, "Next in the queue"],
    [{ status: "QUEUED", queue_position: 21, eta_seconds: 300 }, "21st in the queue, about 5 min"],
    [{ status: "QUEUED", job_id: "sending-1" }, "Sending…"],
    [{ status: "RUNNING", progress: 0 }, "Starting…"],
    [{ status: "RUNNING", progress: 0.45, eta_seconds: 2.1 }, "45 % done, about 3 s left"],
    [{ status: "RUNNING", progress: 1 }, "Storing the picture…"],
    [{ status: "COMPLETED", started_at: "2026-01-01T00:00:00Z", finished_at: "2026-01-01T00:00:01.250Z" }, "Done in 1.3 s"],
    [{ status: "CANCELED" }, "Canceled"],
  ] as const)("%j → %s", (job, words) => expect(describeJob(aJob(job), text, formats)).toBe(words));

  it("counts in English as far as a queue may go", () => {
    const place = (position: number) => text("queued", { position, wait: "" }).split(" ")[0];
    expect([2, 10, 11, 12, 22, 103, 111].map(place)).toEqual(["Second", "Tenth", "11th", "12th", "22nd", "103rd", "111th"]);
  });

  it("speaks German, with German numbers", () => {
    const german = [makeText(de, "jobs", "de"), makeFormats("de", makeText(de, "common", "de"))] as const;
    const job = { status: "COMPLETED", started_at: "2026-01-01T00:00:00Z", finished_at: "2026-01-01T00:00:01.250Z" } as const;
    expect(describeJob(aJob(job), ...german)).toBe("Fertig in 1,3 s");
    expect(describeJob(aJob({ queue_position: 3, eta_seconds: 12 }), ...german)).toBe("Platz 3 in der Warteschlange, etwa 12 s");
  });
});

describe("words and numbers", () => {
  it("waits", () => expect([0.2, 59.1, 600].map(formats.wait)).toEqual(["a moment", "60 s", "10 min"]));
  it("does not invent a duration", () => expect(formats.duration(null, "2026-01-01T00:00:00Z")).toBeNull());
  it("names files after the prompt, whatever is in it", () => {
    expect(imageFileName("A red/rocket: \"../../etc\"", 7)).toBe("a-red-rocket-etc-7.png");
    expect(imageFileName("🚀", 7)).toBe("image-7.png");
  });
});

describe("displaySize", () => {
  it("enlarges small pictures to something to look at, not to a blur", () => {
    expect(displaySize({ width: 64, height: 64 })).toEqual({ width: 192, height: 192 });
    expect(displaySize({ width: 128, height: 64 })).toEqual({ width: 384, height: 192 });
  });
  it("keeps large ones within their place", () => expect(displaySize({ width: 1024, height: 512 }, 448)).toEqual({ width: 448, height: 224 }));
});

describe("addresses", () => {
  it("carries a remix there and back", () => {
    const from = { prompt: "a cat & dog", model: "m", width: 64, seed: 0, negative_prompt: null };
    const query = Object.fromEntries(new URL(remixHref(from), "http://x").searchParams);
    expect(readRemix(query)).toEqual({ prompt: "a cat & dog", model: "m", width: 64, seed: 0 });
  });
  it("ignores numbers that are none", () => expect(readRemix({ width: "wide", steps: "", seed: ["1"] })).toEqual({}));
  it("keeps filters in the address", () => {
    const filters = { q: "red & blue", favorite: true };
    expect(readImageFilters(new URLSearchParams(writeImageFilters(filters)))).toEqual(filters);
    expect(writeImageFilters({})).toBe("");
  });
  it("finds the field that a pointer means", () => {
    expect(["/width", "/body/width", "#/width"].map(fieldName)).toEqual(["width", "width", "width"]);
  });
});

describe("asCurl", () => {
  it("quotes the prompt for the shell", () => {
    const command = asCurl(requestOf(aJob({ prompt: "it's $HOME" })), "http://localhost:3000");
    expect(command).toContain(String.raw`"prompt":"it'\''s $HOME"`);
    expect(command).toContain("curl -X POST 'http://localhost:3000/api/v1/generate'");
  });
});
