import type { QueryClient } from "@tanstack/react-query";
import { fireEvent, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { useDraft } from "@/hooks/useDraft";
import type { GenerateRequest } from "@/lib/contract";
import { writeJob } from "@/lib/jobCache";
import { jobKeys, modelsKey } from "@/lib/queries/keys";
import { makeQueryClient } from "@/lib/queryClient";
import { aJob, aModel } from "@/testing/fixtures";
import { network } from "@/testing/network";
import { providers, visited } from "@/testing/providers";
import { PromptForm } from "./PromptForm";

const GENERATE = "http://localhost:3000/api/v1/generate";
let queries: QueryClient;
let sent: GenerateRequest[];

function show() {
  render(<PromptForm />, { wrapper: providers(queries) });
  return screen.getByRole("textbox", { name: "Prompt" });
}

beforeEach(() => {
  vi.stubGlobal("scrollTo", vi.fn());
  queries = makeQueryClient();
  queries.setQueryData(modelsKey, [aModel()]);
  queries.setQueryData(jobKeys.feed(), { pages: [{ ids: [], nextCursor: null }], pageParams: [null] });
  useDraft.getState().reset();
  sent = [];
  network.use(
    http.post(GENERATE, async ({ request }) => {
      sent.push((await request.json()) as GenerateRequest);
      return HttpResponse.json(aJob(), { status: 202 });
    }),
  );
});

describe("PromptForm", () => {
  it("sends on Enter what was typed and chosen, and is empty for the next", async () => {
    useDraft.getState().change({ num_images: 2 });
    const field = show();
    await userEvent.type(field, "  a red rocket {Enter}");
    await waitFor(() => expect(sent).toHaveLength(1));
    expect(sent[0]).toMatchObject({ prompt: "a red rocket", model: "easel-small", num_images: 2, width: 64 });
    expect(field).toHaveProperty("value", "");
  });

  it("does not send what was chosen for another model", async () => {
    useDraft.getState().change({ model: "gone", width: 1024, height: 1024, num_images: 99 });
    await userEvent.type(show(), "a red rocket{Enter}");
    await waitFor(() => expect(sent[0]).toMatchObject({ model: "easel-small", width: 64, height: 64, num_images: 4 }));
  });

  it("breaks the line on Shift+Enter, and does not send while an input method composes", async () => {
    const field = show();
    await userEvent.type(field, "a{Shift>}{Enter}{/Shift}b");
    expect(field).toHaveProperty("value", "a\nb");
    fireEvent.keyDown(field, { key: "Enter", isComposing: true });
    expect(sent).toEqual([]);
  });

  it("sends nothing that is empty or too long, and counts near the limit", async () => {
    const field = show();
    await userEvent.type(field, "   {Enter}");
    await userEvent.clear(field);
    await userEvent.type(field, `${"x".repeat(21)}{Enter}`);
    expect(sent).toEqual([]);
    expect(screen.getByText("21 of 20 characters")).toBeTruthy();
    expect(field.getAttribute("aria-invalid")).toBe("true");
  });

  it("goes back through the feed's prompts with the arrow up, and forward to what was being written", async () => {
    for (const [id, prompt] of [["1", "newest"], ["2", "twice"], ["3", "twice"], ["4", "oldest"]] as const) {
      writeJob(queries, aJob({ job_id: id, prompt }));
    }
    queries.setQueryData(jobKeys.feed(), { pages: [{ ids: ["1", "2", "3", "4"], nextCursor: null }], pageParams: [null] });
    const field = show() as HTMLTextAreaElement;
    await userEvent.type(field, "mine");
    await userEvent.keyboard("{ArrowUp}");
    expect(field.value).toBe("mine");
    field.setSelectionRange(0, 0);
    for (const expected of ["newest", "twice", "oldest", "oldest"]) {
      fireEvent.keyDown(field, { key: "ArrowUp" });
      await waitFor(() => expect([field.value, field.selectionStart]).toEqual([expected, 0]));
    }
    for (const expected of ["twice", "newest", "mine"]) {
      fireEvent.keyDown(field, { key: "ArrowDown" });
      await waitFor(() => expect([field.value, field.selectionStart]).toEqual([expected, 0]));
    }
  });

  it("keeps a seed for the next pictures until it is let go", async () => {
    useDraft.getState().change({ seed: 7 });
    const field = show();
    await userEvent.type(field, "a red rocket{Enter}");
    await waitFor(() => expect(sent[0]).toMatchObject({ seed: 7 }));
    await userEvent.click(screen.getByRole("button", { name: /Seed 7 is kept/ }));
    await userEvent.type(field, "a red rocket{Enter}");
    await waitFor(() => expect(sent[1]).toMatchObject({ seed: null }));
  });

  it("opens the form with the settings of a picture that is dropped on it", async () => {
    visited.length = 0;
    const line = "a red rocket\nSteps: 20, Seed: 7, Size: 64x64";
    const text = [...new TextEncoder().encode(`parameters\0${line}`)];
    const bytes = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, text.length, 0x74, 0x45, 0x58, 0x74, ...text, 0, 0, 0, 0]);
    const file = { slice: () => ({ arrayBuffer: () => Promise.resolve(bytes.buffer) }) };
    const dataTransfer = { types: ["Files"], files: [file], dropEffect: "none" };
    const field = show();
    fireEvent.dragOver(field, { dataTransfer });
    expect(screen.getByText(/its settings fill the form/)).toBeTruthy();
    fireEvent.drop(field, { dataTransfer });
    await waitFor(() => expect(visited).toEqual(["/generate?prompt=a+red+rocket&width=64&height=64&steps=20&seed=7"]));
  });

  it("gives the prompt back and says why when the API refuses", async () => {
    const problem = { code: "quota_exceeded", title: "Quota", detail: "Nothing is left this month.", status: 402, trace_id: "t1" };
    network.use(http.post(GENERATE, () => HttpResponse.json(problem, { status: 402 })));
    const field = show();
    await userEvent.type(field, "a red rocket{Enter}");
    const alert = await screen.findByRole("alert");
    expect(alert.textContent).toContain("Nothing is left this month.");
    expect(alert.textContent).toContain("t1");
    expect(field).toHaveProperty("value", "a red rocket");
  });
});
