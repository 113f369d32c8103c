import { setupServer } from "msw/node";

/** The edge of the browser: everything on this side of `fetch` is real in the tests. */
export const network = setupServer();
