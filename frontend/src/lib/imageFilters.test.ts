import { describe, expect, it } from "vitest";
import { filterQuery, hasFilters, readImageFilters, writeImageFilters } from "./imageFilters";

const COLLECTION = "01a212d9-3652-7757-bf34-172b906de38e";

describe("the gallery's filters", () => {
  it("come back from the address as they were written", () => {
    const filters = {
      q: "red & blue",
      tag: "a b",
      favorite: true,
      visibility: "organization",
      collection: COLLECTION,
      sort: "arranged",
      after: "2026-01-31",
    } as const;
    expect(readImageFilters(new URLSearchParams(writeImageFilters(filters)))).toEqual(filters);
  });

  it("leave out what is none of ours", () => {
    const source = { q: "  ", sort: "arranged", visibility: "public", collection: "x", after: "2026-99-99", favorite: "1" };
    expect(readImageFilters(source)).toEqual({});
    expect(writeImageFilters({})).toBe("");
  });

  it("become times for the API", () => {
    expect(filterQuery({ q: "a", after: "2026-01-31" })).toEqual({ q: "a", after: "2026-01-31T00:00:00Z" });
  });

  it("say whether something is left out", () => {
    expect(hasFilters({ sort: "oldest", collection: COLLECTION })).toBe(false);
    expect(hasFilters({ tag: "a" })).toBe(true);
  });
});
