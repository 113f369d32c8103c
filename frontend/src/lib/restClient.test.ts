import { http, HttpResponse } from "msw";
import { expect, it } from "vitest";
import { network } from "@/testing/network";
import { getImage, listImages, updateImage } from "@/types/sdk.gen";
import { ApiProblem } from "./problem";
import { makeRestClient } from "./restClient";

const HOST = "http://api.test";
const client = makeRestClient({ baseUrl: HOST, headers: { "X-Request-ID": "r1" }, fetch: (request) => fetch(request) });

it("writes the path, the query with its lists, the body and the headers of both sides", async () => {
  const asked: { url: string; body: string; headers: Headers }[] = [];
  network.use(
    http.all(`${HOST}/*`, async ({ request }) => {
      asked.push({ url: request.url, body: await request.text(), headers: request.headers });
      return HttpResponse.json({ items: [] });
    }),
  );
  await listImages({ client, query: { q: "red & blue", tag: ["a", "b"], cursor: undefined, limit: 5 } as never });
  await updateImage({ client, path: { image_id: "a/b" }, body: { favorite: true } });
  const query = new URL(asked[0]?.url ?? "").searchParams;
  expect([query.get("q"), query.getAll("tag"), query.has("cursor"), query.get("limit")]).toEqual(["red & blue", ["a", "b"], false, "5"]);
  expect(new URL(asked[1]?.url ?? "").pathname).toMatch(/\/a%2Fb$/);
  expect(asked[1]?.body).toBe('{"favorite":true}');
  expect(asked[1]?.headers.get("Content-Type")).toBe("application/json");
  expect(asked[1]?.headers.get("X-Request-ID")).toBe("r1");
});

it("hands back the problem, or throws it where that is asked for", async () => {
  network.use(http.get(`${HOST}/*`, () => HttpResponse.json({ code: "not_found", title: "No" }, { status: 404 })));
  const call = { client, path: { image_id: "1" } };
  const { data, error, response } = await getImage(call);
  expect(data).toBeUndefined();
  expect(error).toMatchObject({ code: "not_found", status: 404 });
  expect(response.status).toBe(404);
  await expect(getImage({ ...call, throwOnError: true })).rejects.toBeInstanceOf(ApiProblem);
});

it("takes an answer without a body, and one that breaks off for a network that failed", async () => {
  network.use(http.get(`${HOST}/*`, () => new HttpResponse(null, { status: 204 })));
  const call = { client, path: { image_id: "1" } } as const;
  expect((await getImage(call)).data).toEqual({});
  const broken = () => new ReadableStream({ pull: (body) => body.error(new TypeError("gone")) });
  network.use(http.get(`${HOST}/*`, () => new HttpResponse(broken(), { status: 200 })));
  await expect(getImage({ ...call, throwOnError: true })).rejects.toMatchObject({ code: "network", status: 0 });
});

it("lets an abort be an abort", async () => {
  network.use(http.get(`${HOST}/*`, () => new Promise(() => undefined)));
  const leaving = new AbortController();
  const asked = getImage({ client, path: { image_id: "1" }, signal: leaving.signal, throwOnError: true });
  leaving.abort();
  await expect(asked).rejects.toMatchObject({ name: "AbortError" });
});
