import { describe, expect, it } from "vitest";
import { usedByPerson, usedDays } from "./usageDays";

const ITEMS = [
  { day: "2026-02-27", user_id: "a", user_name: "Ann", jobs: 1, used: 2 },
  { day: "2026-02-27", user_id: "b", user_name: "Bob", jobs: 2, used: 3 },
  { day: "2026-03-01", user_id: "a", user_name: "Ann", jobs: 4, used: 0.5 },
];

describe("usage", () => {
  it("has every day, over the end of a month, with people summed up", () => {
    expect(usedDays("2026-02-26", "2026-03-01", ITEMS)).toEqual([
      { day: "2026-02-26", value: 0 },
      { day: "2026-02-27", value: 5 },
      { day: "2026-02-28", value: 0 },
      { day: "2026-03-01", value: 0.5 },
    ]);
  });

  it("is summed up by person, the largest first", () => {
    expect(usedByPerson(ITEMS)).toEqual([
      { userId: "b", name: "Bob", jobs: 2, used: 3 },
      { userId: "a", name: "Ann", jobs: 5, used: 2.5 },
    ]);
  });
});
