import { describe, expect, it } from "vitest";
import { all, extend, NOTHING, toggle } from "./selection";

const order = ["a", "b", "c", "d", "e"];
const chosen = (selection: { ids: ReadonlySet<string> }) => [...selection.ids].sort().join("");

describe("selection", () => {
  it("takes one by one, and gives up again", () => {
    const one = toggle(NOTHING, "b");
    expect(chosen(toggle(one, "d"))).toBe("bd");
    expect(chosen(toggle(one, "b"))).toBe("");
    expect(chosen(NOTHING)).toBe("");
  });

  it("extends from the last one taken by itself, in both directions, and keeps the rest", () => {
    const from = toggle(toggle(NOTHING, "e"), "c");
    expect(chosen(extend(from, "a", order))).toBe("abce");
    expect(chosen(extend(extend(from, "a", order), "d", order))).toBe("abcde");
  });

  it("takes one when there is nothing to extend from, or it is gone", () => {
    expect(chosen(extend(NOTHING, "b", order))).toBe("b");
    expect(chosen(extend(toggle(NOTHING, "gone"), "b", order))).toBe("bgone");
  });

  it("takes all", () => expect(chosen(all(order))).toBe("abcde"));
});
