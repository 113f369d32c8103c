import { http, HttpResponse } from "msw";
import { afterEach, describe, expect, it, vi } from "vitest";
import { network } from "@/testing/network";
import { sessionFetch } from "./apiClient";
import { signIn } from "./calls";
import { ApiProblem } from "./problem";
import { onSessionLost } from "./session";

const HOST = "http://localhost:3000";
const url = (path: string) => `${HOST}/api/v1${path}`;
const unauthenticated = () => HttpResponse.json({ code: "unauthenticated", title: "Sign in" }, { status: 401 });

describe("sessionFetch", () => {
  afterEach(() => vi.useRealTimers());

  it("sends the CSRF token on unsafe methods only, whatever prefix its cookie has", async () => {
    document.cookie = "__Host-easel_csrf=nope; path=/"; // refused by the jar: not secure
    document.cookie = "x_easel_csrf=token%3D1; path=/";
    const seen: (string | null)[] = [];
    network.use(http.all(url("/echo"), ({ request }) => {
      seen.push(request.headers.get("X-CSRF-Token"));
      return HttpResponse.json({});
    }));
    await sessionFetch(url("/echo"));
    await sessionFetch(url("/echo"), { method: "POST", body: "{}" });
    expect(seen).toEqual([null, "token=1"]);
  });

  it("renews the session once for many refusals, and repeats each request with its body", async () => {
    document.cookie = "easel_csrf=t; path=/";
    let refreshes = 0;
    let renewed = false;
    const bodies: string[] = [];
    network.use(
      http.post(url("/auth/refresh"), () => {
        refreshes += 1;
        renewed = true;
        return HttpResponse.json({});
      }),
      http.post(url("/things"), async ({ request }) => {
        if (!renewed) return unauthenticated();
        bodies.push(await request.text());
        return HttpResponse.json({}, { status: 201 });
      }),
    );
    const answers = await Promise.all(["a", "b", "c"].map((body) => sessionFetch(url("/things"), { method: "POST", body })));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(bodies.sort()).toEqual(["a", "b", "c"]);
    expect(refreshes).toBe(1);
  });

  it("says that the session is lost when it can't be renewed", async () => {
    document.cookie = "easel_csrf=t; path=/";
    const lost = vi.fn();
    const stop = onSessionLost(lost);
    network.use(http.post(url("/auth/refresh"), unauthenticated), http.get(url("/things"), unauthenticated));
    expect((await sessionFetch(url("/things"))).status).toBe(401);
    expect(lost).toHaveBeenCalledOnce();
    stop();
  });

  it("does not end the session because the server can't be reached", async () => {
    document.cookie = "easel_csrf=t; path=/";
    const lost = vi.fn();
    const stop = onSessionLost(lost);
    network.use(http.post(url("/auth/refresh"), () => HttpResponse.error()), http.get(url("/things"), unauthenticated));
    expect((await sessionFetch(url("/things"))).status).toBe(401);
    expect(lost).not.toHaveBeenCalled();
    stop();
  });

  it("does not try to renew what was never there", async () => {
    network.use(http.get(url("/things"), unauthenticated));
    expect((await sessionFetch(url("/things"))).status).toBe(401);
  });
});

describe("a call", () => {
  it("fails with the problem that the API described", async () => {
    const problem = {
      code: "invalid_credentials",
      title: "Wrong",
      status: 401,
      detail: "The email or the password is wrong.",
      trace_id: "abc",
      errors: [{ pointer: "/email", code: "x", detail: "y" }],
    };
    network.use(http.post(url("/auth/login"), () => HttpResponse.json(problem, { status: 401, headers: { "Retry-After": "7" } })));
    const error = await signIn({ email: "a@b.co", password: "p" }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ApiProblem);
    expect(error).toMatchObject({ status: 401, message: problem.detail, traceId: "abc", retryAfterSeconds: 7, fields: problem.errors });
  });

  it("fails with a problem of our own when no server answers, or one that is not ours", async () => {
    network.use(http.post(url("/auth/login"), () => HttpResponse.error()));
    await expect(signIn({ email: "a@b.co", password: "p" })).rejects.toMatchObject({ code: "network", status: 0 });
    network.use(http.post(url("/auth/login"), () => new HttpResponse("<h1>Bad gateway</h1>", { status: 502 })));
    await expect(signIn({ email: "a@b.co", password: "p" })).rejects.toMatchObject({ status: 502, code: "unknown" });
  });
});
