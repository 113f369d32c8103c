import { describe, expect, it } from "vitest";
import { de } from "@/messages/de";
import { en } from "@/messages/en";
import { auditQueryOf, readAuditFilters, writeAuditFilters } from "./auditFilters";
import { actionText, changesOf } from "./auditWords";
import { makeFormats } from "./format";
import { makeText } from "./text";

const text = makeText(en, "audit");
const formats = makeFormats("en", makeText(en, "common"));
const ACTOR = "01890000-0000-7000-8000-000000000001";
const read = (query: string) => readAuditFilters(new URLSearchParams(query));

describe("the audit log's filters", () => {
  it("come back from the URL as they were written", () => {
    const filters = { action: "member.role_changed", actor: ACTOR, from: "2026-02-01", to: "2026-02-03" } as const;
    expect(read(writeAuditFilters(filters))).toEqual(filters);
    expect(writeAuditFilters({})).toBe("");
  });

  it("leave out what is none of ours", () => {
    expect(read("action=money.stolen&actor=me&from=yesterday&to=2026-13-45&cursor=x")).toEqual({});
  });

  it("ask for whole days, the last one included, by the clock of whoever looks", () => {
    const { after, before } = auditQueryOf({ from: "2026-02-28", to: "2026-02-28" });
    expect(new Date(after ?? "")).toEqual(new Date(2026, 1, 28));
    expect(new Date(before ?? "")).toEqual(new Date(2026, 2, 1));
  });
});

describe("an event in words", () => {
  it("says what was done, and an unknown action as the server calls it", () => {
    expect(actionText("member.role_changed", text)).toBe("Role changed");
    expect(actionText("member.role_changed", makeText(de, "audit", "de"))).toBe("Rolle geändert");
    expect(actionText("pigeon.released", text)).toBe("pigeon.released");
  });

  it("tells each field that changed, and none that stayed", () => {
    const event = { before: { role: "viewer", name: "Ada", monthly: null }, after: { role: "member", name: "Ada", monthly: 1200 } };
    expect(changesOf(event, text, formats)).toEqual([
      { field: "role", label: "Role", before: "viewer", after: "member" },
      { field: "monthly", label: "Megapixel-steps a month", before: "nothing", after: "1,200" },
    ]);
  });

  it("knows what is new from what was emptied, words of ours from names, and times from text", () => {
    const [name, due, scopes, unknown] = changesOf(
      { before: null, after: { name: "owner", due: "2026-02-28T12:00:00Z", scopes: ["a", "b"], shoe_size: 44 } },
      text,
      formats,
    );
    expect(name).toEqual({ field: "name", label: "Name", before: null, after: "owner" });
    expect(due?.after).toBe(formats.dateTime("2026-02-28T12:00:00Z"));
    expect(scopes?.after).toBe("a, b");
    expect(unknown).toEqual({ field: "shoe_size", label: "shoe_size", before: null, after: "44" });
    expect(changesOf({ before: { role: "owner" }, after: null }, makeText(de, "audit", "de"), formats)[0]).toMatchObject({ before: "Eigentümer", after: null });
  });
});
