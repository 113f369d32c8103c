export const archives = {
  packing: "Packing…",
  waiting: "It is about to be packed…",
  running: "Packing: {done} of {n, plural, one {# picture} other {# pictures}}…",
  ready: "Ready: {size}, with {n, plural, one {# picture} other {# pictures}}.",
  failed: "It could not be packed.",
  askedAt: "Asked for {date}.",
  goodUntil: "Good until {date}.",
  fetch: "Download",
  throwAway: "Throw away",
  stop: "Stop",
  notThrownAway: "It is still there",
} as const;
