let openedAt = 0;

/** The event stream has opened: events tell of whatever happens from now on. */
export function markCaughtUp(now = Date.now()): void {
  openedAt = now;
}

/**
 * For `refetchOnMount` of lists that events keep current. A slow browser takes up what the server rendered when the stream
 * is open already; what was rendered before it opened lacks whatever happened in between, however fresh it seems.
 */
export function unlessCaughtUp({ state }: { state: { dataUpdatedAt: number } }): true | "always" {
  return state.dataUpdatedAt < openedAt ? "always" : true;
}
