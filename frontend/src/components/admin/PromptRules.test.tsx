import { fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import { beforeEach, expect, it, vi } from "vitest";
import type { NewPromptRule, PromptRule } from "@/lib/contract";
import { makeQueryClient } from "@/lib/queryClient";
import * as toasts from "@/lib/toasts";
import { network } from "@/testing/network";
import { providers } from "@/testing/providers";
import { PromptRules } from "./PromptRules";

const RULES = "http://localhost:3000/api/v1/admin/moderation/rules";
let rules: PromptRule[];
let asked: string[];

beforeEach(() => {
  rules = [{ id: "1", kind: "words", pattern: "gore", action: "block", note: "", created_at: "2026-11-24T03:00:00.000Z" }];
  asked = [];
  network.use(
    http.get(RULES, () => HttpResponse.json({ items: rules })),
    http.post(RULES, async ({ request }) => {
      const wish = (await request.json()) as NewPromptRule;
      if (wish.pattern === "(") {
        const errors = [{ pointer: "/pattern", code: "invalid_pattern", detail: "This is not a regular expression." }];
        return HttpResponse.json({ code: "invalid_input", detail: "No.", errors }, { status: 422 });
      }
      const rule: PromptRule = { kind: "words", note: "", ...wish, id: String(rules.length + 1), created_at: "2026-11-24T04:00:00.000Z" };
      rules = [...rules, rule];
      asked.push(`add ${rule.pattern}`);
      return HttpResponse.json(rule, { status: 201 });
    }),
    http.patch(`${RULES}/:id`, async ({ request, params }) => {
      const wish = (await request.json()) as NewPromptRule;
      asked.push(`change ${String(params.id)}`);
      rules = rules.map((rule) => (rule.id === params.id ? { ...rule, ...wish } : rule));
      return HttpResponse.json(rules.find(({ id }) => id === params.id));
    }),
    http.delete(`${RULES}/:id`, ({ params }) => {
      asked.push(`remove ${String(params.id)}`);
      rules = rules.filter(({ id }) => id !== params.id);
      return new HttpResponse(null, { status: 204 });
    }),
  );
});

const show = () => render(<PromptRules />, { wrapper: providers(makeQueryClient()) });
const fill = async (dialog: HTMLElement, label: string, value: string) =>
  fireEvent.change(await within(dialog).findByLabelText(label), { target: { value } });

it("says what a rule matches and what comes of it", async () => {
  rules = [...rules, { id: "2", kind: "regex", pattern: "^a+", action: "flag", note: "legal asked", created_at: "2026-11-24T03:00:00.000Z" }];
  show();
  expect(await screen.findByText("A prompt with this word is refused, however it is spelt.")).toBeTruthy();
  expect(screen.getByText("A prompt that this regular expression matches anywhere passes and is told of below.")).toBeTruthy();
  expect(screen.getByText("Why: legal asked")).toBeTruthy();
});

it("shows what the server says of a pattern beside the field, and keeps the rest", async () => {
  show();
  fireEvent.click(await screen.findByRole("button", { name: "New rule" }));
  const dialog = await screen.findByRole("dialog");
  await fill(dialog, "What it looks for", "regex");
  await fill(dialog, "Expression", "(");
  await fill(dialog, "Why", "because");
  fireEvent.click(within(dialog).getByRole("button", { name: "Save" }));
  expect(await within(dialog).findByText("This is not a regular expression.")).toBeTruthy();
  expect(within(dialog).getByLabelText<HTMLInputElement>("Why").value).toBe("because");
  expect(asked).toEqual([]);
});

it("edits a rule in place", async () => {
  show();
  fireEvent.click(await screen.findByRole("button", { name: "Edit the rule “gore”" }));
  const dialog = await screen.findByRole("dialog");
  await fill(dialog, "Words", "gore fest");
  fireEvent.click(within(dialog).getByRole("button", { name: "Save" }));
  expect(await screen.findByText("“gore fest”")).toBeTruthy();
  await waitFor(() => expect(screen.queryByText("“gore”")).toBeNull());
  expect(asked).toEqual(["change 1"]);
});

it("brings a removed rule back as it was", async () => {
  const undo = vi.spyOn(toasts, "showUndo");
  show();
  fireEvent.click(await screen.findByRole("button", { name: "Remove the rule “gore”" }));
  await waitFor(() => expect(undo).toHaveBeenCalled());
  expect(await screen.findByText("No rules: every prompt passes.")).toBeTruthy();
  undo.mock.calls[0]?.[2]();
  expect(await screen.findByText("“gore”")).toBeTruthy();
  expect(rules[0]).toMatchObject({ kind: "words", pattern: "gore", action: "block" });
});
