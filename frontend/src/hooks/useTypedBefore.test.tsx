import { render, screen, within } from "@testing-library/react";
import { useState } from "react";
import { renderToString } from "react-dom/server";
import { expect, it } from "vitest";
import { useTypedBefore } from "./useTypedBefore";

const IDS = ["prompt"] as const;

function Form() {
  const [kept, setKept] = useState("nothing");
  useTypedBefore(IDS, (id, value) => setKept(`${id}: ${value}`));
  return (
    <>
      <textarea id="prompt" />
      <p>{kept}</p>
    </>
  );
}

it("keeps what was typed into the server's page", () => {
  const container = document.body.appendChild(document.createElement("div"));
  container.innerHTML = renderToString(<Form />);
  within(container).getByRole<HTMLTextAreaElement>("textbox").value = "a red rocket";
  render(<Form />, { container, hydrate: true });
  expect(screen.getByText("prompt: a red rocket")).toBeTruthy();
});

it("takes nothing from a form that it follows", () => {
  const { rerender } = render(<Form key="one" />);
  screen.getByRole<HTMLTextAreaElement>("textbox").value = "of the one before";
  rerender(<Form key="two" />);
  expect(screen.getByText("nothing")).toBeTruthy();
});
