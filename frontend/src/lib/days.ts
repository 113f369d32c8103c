/** The day so many days ago, as 2026-01-31 (UTC): the same all day long, so that a list of it can be kept. */
export function daysAgo(days: number, now = Date.now()): string {
  return new Date(now - days * 86_400_000).toISOString().slice(0, 10);
}
