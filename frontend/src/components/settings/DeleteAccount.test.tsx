import { fireEvent, render, screen, waitFor } from "@testing-library/react";
import { http, HttpResponse } from "msw";
import type { ReactNode } from "react";
import { expect, it } from "vitest";
import { type Auth, AuthContext } from "@/context/AuthContext";
import type { DeletionPreview } from "@/lib/contract";
import { makeQueryClient } from "@/lib/queryClient";
import { network } from "@/testing/network";
import { providers } from "@/testing/providers";
import { DeleteAccount } from "./DeleteAccount";

const PREVIEW: DeletionPreview = { needs_password: true, needs_code: true, grace_hours: 72, owned_alone: [], deleted_too: [] };

function show(preview: DeletionPreview) {
  network.use(
    http.get("http://localhost:3000/api/v1/users/me/deletion", () => HttpResponse.json(preview)),
    http.get("http://localhost:3000/api/v1/users/me", () => HttpResponse.json({ organization: { id: "home" } })),
  );
  const proofs: unknown[] = [];
  const left: unknown[] = [];
  const auth = {
    deleteAccount: (proof: unknown) => Promise.resolve(void proofs.push(proof)),
    signOut: (options: unknown) => Promise.resolve(void left.push(options)),
  } as Partial<Auth> as Auth;
  const Providers = providers(makeQueryClient());
  const wrapper = ({ children }: { children: ReactNode }) => (
    <Providers>
      <AuthContext value={auth}>{children}</AuthContext>
    </Providers>
  );
  render(<DeleteAccount />, { wrapper });
  fireEvent.click(screen.getByRole("button", { name: "Delete my account" }));
  return { proofs, left };
}

it("says what goes, what goes with it and until when it can be taken back, and takes as much proof as the account has", async () => {
  const { proofs } = show({ ...PREVIEW, deleted_too: [{ id: "1", name: "Solo" }, { id: "2", name: "Duo" }] });
  expect(await screen.findByText("“Solo”, “Duo” go with it: nobody else belongs to them.")).toBeTruthy();
  expect(screen.getByText(/^The rest goes after 72 h\./)).toBeTruthy();
  fireEvent.change(screen.getByLabelText("Current password"), { target: { value: "secret words" } });
  fireEvent.change(screen.getByLabelText("Code"), { target: { value: "123456" } });
  fireEvent.click(screen.getByRole("button", { name: "Delete my account" }));
  await waitFor(() => expect(proofs).toEqual([{ password: "secret words", code: "123456" }]));
});

it("without a password asks for a fresh sign-in, and leads there", async () => {
  const { proofs, left } = show({ ...PREVIEW, needs_password: false, needs_code: false });
  fireEvent.click(await screen.findByRole("button", { name: "Sign in again" }));
  expect(left).toEqual([{ to: "/login?next=/settings" }]);
  expect(screen.queryByLabelText("Current password")).toBeNull();
  fireEvent.click(screen.getByRole("button", { name: "Delete my account" }));
  await waitFor(() => expect(proofs).toHaveLength(1));
});

it("asks for nothing while others depend on the person", async () => {
  const { proofs } = show({ ...PREVIEW, owned_alone: [{ id: "1", name: "Workshop" }] });
  expect(await screen.findByRole("button", { name: "Go to Workshop" })).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Delete my account" })).toBeNull();
  fireEvent.click(screen.getByRole("button", { name: "Keep my account" }));
  expect(screen.getByRole("button", { name: "Delete my account" })).toBeTruthy();
  expect(proofs).toEqual([]);
});
