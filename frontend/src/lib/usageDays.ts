import type { DayOfUse } from "./contract";

export interface UsedDay {
  day: string;
  value: number;
}

/** Every day from the first to the last (UTC), those without use as well; people summed up. */
export function usedDays(first: string, last: string, items: readonly DayOfUse[]): UsedDay[] {
  const sums = new Map<string, number>();
  for (const { day, used } of items) sums.set(day, (sums.get(day) ?? 0) + used);
  const days: UsedDay[] = [];
  for (let time = Date.parse(first); time <= Date.parse(last); time += 86_400_000) {
    const day = new Date(time).toISOString().slice(0, 10);
    days.push({ day, value: sums.get(day) ?? 0 });
  }
  return days;
}

export interface UsedBy {
  userId: string;
  name: string;
  jobs: number;
  used: number;
}

/** By person, the largest part first. */
export function usedByPerson(items: readonly DayOfUse[]): UsedBy[] {
  const people = new Map<string, UsedBy>();
  for (const { user_id: userId, user_name: name, jobs, used } of items) {
    const known = people.get(userId) ?? { userId, name, jobs: 0, used: 0 };
    people.set(userId, { ...known, jobs: known.jobs + jobs, used: known.used + used });
  }
  return [...people.values()].sort((one, other) => other.used - one.used || one.name.localeCompare(other.name));
}
