export const APP_NAME = "Easel";

export const API_V1 = "/api/v1";
export const EVENTS_URL = `${API_V1}/events`;
export const REFRESH_PATH = `${API_V1}/auth/refresh`;
export const ME_PATH = `${API_V1}/users/me`;

/** Over HTTPS the names gain a `__Host-` or `__Secure-` prefix, so cookies are recognised by how they end. */
export const ACCESS_COOKIE = "easel_access";
export const CSRF_COOKIE = "easel_csrf";
export const CSRF_HEADER = "X-CSRF-Token";

/** While the event stream is closed. */
export const POLL_INTERVAL_MS = 2_000;
/** While it is open: insurance against an event that never came. */
export const SAFETY_POLL_INTERVAL_MS = 30_000;

export const FEED_PAGE_SIZE = 12;
export const GALLERY_PAGE_SIZE = 40;
export const UNDO_MS = 6_000;

export const EXAMPLE_PROMPTS = ["a red rocket", "a blue heart", "a yellow umbrella", "a green apple", "a penguin"] as const;

/** The composer's field, for the key that goes there from anywhere. */
export const PROMPT_FIELD_ID = "prompt";

/** As the API asks for. */
export const PASSWORD_LENGTH = 10;
export const MAX_PASSWORD_LENGTH = 256;
export const MAX_NAME_LENGTH = 100;
