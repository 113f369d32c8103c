import { describe, expect, it } from "vitest";
import { chooseLocale, direction } from "./locales";
import { argumentNames, formatMessage } from "./messageFormat";
import { type ArgumentsOf, makeText } from "./text";

describe("formatMessage", () => {
  it.each([
    ["plain", {}, "en", "plain"],
    ["{n} of {limit}", { n: 1_200, limit: "9" }, "en", "1,200 of 9"],
    ["{n} von {limit}", { n: 1_200.5, limit: 9 }, "de", "1.200,5 von 9"],
    ["{n, plural, =0 {none} one {# picture} other {# pictures of {who}}}", { n: 0, who: "Ada" }, "en", "none"],
    ["{n, plural, =0 {none} one {# picture} other {# pictures of {who}}}", { n: 1, who: "Ada" }, "en", "1 picture"],
    ["{n, plural, =0 {none} one {# picture} other {# pictures of {who}}}", { n: 2_000, who: "Ada" }, "en", "2,000 pictures of Ada"],
    ["{n, selectordinal, one {#st} two {#nd} few {#rd} other {#th}}", { n: 33 }, "en", "33rd"],
    ["{role, select, owner {owns {n} #} other {uses}} it", { role: "owner", n: 2 }, "en", "owns 2 # it"],
    ["{role, select, owner {owns} other {uses}} it", { role: "guest" }, "en", "uses it"],
  ] as const)("%s with %j in %s", (message, values, locale, result) => {
    expect(formatMessage(message, values, locale)).toBe(result);
  });

  it("takes what a person wrote as text, whatever is in it", () => {
    expect(formatMessage("Open “{prompt}”", { prompt: "{n, plural} # <b>" }, "en")).toBe("Open “{n, plural} # <b>”");
  });

  it.each(["{", "}", "a {b", "{n, plural, one {x}}", "{n, fraction, other {x}}", "{a b}", "{n, plural, other {x}"])("refuses %s", (message) => {
    expect(() => formatMessage(message, {}, "en")).toThrow(/malformed/);
  });

  it("names its arguments, however deep", () => {
    expect([...argumentNames("{a} {b, plural, one {x {c}} other {#}}")]).toEqual(["a", "b", "c"]);
  });
});

describe("makeText", () => {
  it("reads a message's arguments from its type", () => {
    const none: ArgumentsOf<"no arguments"> = [];
    const deep: ArgumentsOf<"{a} {n, plural, one {# of {b}} other {# of {c} {d}}} {e}"> = [{ a: "", n: 1, b: "", c: "", d: "", e: "" }];
    // @ts-expect-error -- one is missing
    const short: ArgumentsOf<"{a} and {b}"> = [{ a: 1 }];
    // @ts-expect-error -- words in a branch are no arguments
    const branch: ArgumentsOf<"{n, plural, one {word} other {words}}"> = [{ n: 1, word: 1 }];
    expect([none, deep, short, branch]).toHaveLength(4);
  });

  it("says which feature a page was not given", () => {
    expect(() => makeText({}, "gallery")).toThrow(/messages of “gallery”/);
  });
});

describe("chooseLocale", () => {
  it.each([
    ["de", "en", "de"],
    ["xx", "de-AT,de;q=0.9,en;q=0.8", "de"],
    [undefined, "fr,en;q=0.5,de;q=0.7", "de"],
    [undefined, "de;q=0,en;q=0.1", "en"],
    [undefined, "fr", "en"],
    [undefined, null, "en"],
    ["", "*;q=nonsense", "en"],
  ])("cookie %j and Accept-Language %j give %s", (cookie, header, locale) => expect(chooseLocale(cookie, header)).toBe(locale));

  it("knows which languages are written from the right", () => {
    expect(["en", "de", "ar", "he-IL"].map(direction)).toEqual(["ltr", "ltr", "rtl", "rtl"]);
  });
});
