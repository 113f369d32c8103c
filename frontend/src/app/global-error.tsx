"use client";

/** The last resort, when even the layout broke: it can count on no styles and no providers. */
export default function GlobalError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <html lang="en">
      <body style={{ fontFamily: "system-ui, sans-serif", display: "grid", placeItems: "center", minHeight: "100vh" }}>
        <main style={{ textAlign: "center" }}>
          <h1>Easel could not show this page</h1>
          <p>Your jobs and pictures are safe.{error.digest ? ` (error ${error.digest})` : ""}</p>
          <button type="button" onClick={reset}>
            Try again
          </button>
        </main>
      </body>
    </html>
  );
}
