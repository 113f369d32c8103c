import { describe, expect, it } from "vitest";
import { loginPath, safeNext } from "./safeNext";

describe("safeNext", () => {
  it.each(["/", "/gallery", "/gallery?favorite=true", "/status/0198?x=1#part"])("keeps %s", (path) => {
    expect(safeNext(path)).toBe(path);
  });

  it.each([
    "https://evil.example",
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/..//evil.example",
    "javascript:alert(1)",
    "evil.example",
    "/api/v1/auth/logout",
    "/login?next=/x",
    "",
    null,
    undefined,
    ["/gallery"],
  ])("refuses %j", (next) => {
    expect(safeNext(next)).toBe("/");
  });

  it("remembers where a visitor wanted to go, but not home", () => {
    expect(loginPath("/gallery?q=cat")).toBe("/login?next=%2Fgallery%3Fq%3Dcat");
    expect(loginPath("/")).toBe("/login");
  });
});
