import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";
import type { ReactNode } from "react";
import { beforeEach, describe, expect, it } from "vitest";
import { AuthProvider } from "@/context/AuthContext";
import type { RegisterRequest } from "@/lib/contract";
import { makeQueryClient } from "@/lib/queryClient";
import { network } from "@/testing/network";
import { providers, visited } from "@/testing/providers";
import { RegisterForm } from "./RegisterForm";

const REGISTER = "http://localhost:3000/api/v1/auth/register";
let sent: RegisterRequest[];

beforeEach(() => {
  sent = [];
  visited.length = 0;
  const Providers = providers(makeQueryClient());
  const wrapper = ({ children }: { children: ReactNode }) => (
    <Providers>
      <AuthProvider>{children}</AuthProvider>
    </Providers>
  );
  render(<RegisterForm next="/gallery" submitLabel="Create account" />, { wrapper });
});

function answer(respond: () => Response) {
  network.use(
    http.post(REGISTER, async ({ request }) => {
      sent.push((await request.json()) as RegisterRequest);
      return respond();
    }),
  );
}

async function fill(name: string, email: string, password: string) {
  if (name) await userEvent.type(screen.getByLabelText("Name"), name);
  if (email) await userEvent.type(screen.getByLabelText("Email"), email);
  if (password) await userEvent.type(screen.getByLabelText("Password"), password);
  await userEvent.click(screen.getByRole("button", { name: "Create account" }));
}

describe("RegisterForm", () => {
  it("says what is missing, beside each field, and goes to the first", async () => {
    await fill("", "ada@", "short");
    expect(screen.getByText("What should we call you?")).toBeTruthy();
    expect(screen.getByText("That is not an email address yet.")).toBeTruthy();
    expect(screen.getByText("At least 10 characters.")).toBeTruthy();
    expect(document.activeElement).toBe(screen.getByLabelText("Name"));
  });

  it("makes the account and goes on to where the visitor wanted to be", async () => {
    answer(() => HttpResponse.json({ id: "user-1" }, { status: 201 }));
    await fill("  Ada ", "ada@example.com ", "a long sentence ");
    await waitFor(() => expect(visited).toEqual(["/gallery"]));
    expect(sent).toEqual([{ name: "Ada", email: "ada@example.com", password: "a long sentence " }]);
  });

  it("puts what the API refuses beside its field, and keeps what was filled in", async () => {
    const errors = [{ pointer: "/body/email", code: "invalid", detail: "This domain takes no mail." }];
    answer(() => HttpResponse.json({ code: "invalid_input", status: 422, errors }, { status: 422 }));
    await fill("Ada", "ada@example.com", "a long sentence");
    expect(await screen.findByText("This domain takes no mail.")).toBeTruthy();
    expect(screen.getByLabelText("Password")).toHaveProperty("value", "a long sentence");
    expect(screen.getByRole("button", { name: "Create account" })).toHaveProperty("disabled", false);
    expect(visited).toEqual([]);
  });
});
