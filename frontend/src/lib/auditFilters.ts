import { AUDIT_ACTIONS } from "./auditWords";
import type { AuditAction } from "./contract";

/** The audit log's filters; the URL is where they live. */
export interface AuditFilters {
  action?: AuditAction;
  /** A user's id. */
  actor?: string;
  /** The first and the last day that are shown, as 2026-01-31. */
  from?: string;
  to?: string;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** What is no filter of ours is left out, so that any address shows something. */
export function readAuditFilters(source: URLSearchParams): AuditFilters {
  const filters: AuditFilters = {};
  const action = AUDIT_ACTIONS.find((each) => each === source.get("action"));
  if (action) filters.action = action;
  const actor = source.get("actor");
  if (actor && UUID.test(actor)) filters.actor = actor;
  for (const name of ["from", "to"] as const) {
    const day = source.get(name);
    if (day && DAY.test(day) && !Number.isNaN(Date.parse(day))) filters[name] = day;
  }
  return filters;
}

export function writeAuditFilters(filters: AuditFilters): string {
  const params = new URLSearchParams(Object.entries(filters).filter(([, value]) => value));
  return params.size > 0 ? `?${params.toString()}` : "";
}

/** Days are those of whoever looks: from the first one's midnight to the last one's end, by their clock. */
function midnight(day: string, later = 0): string {
  const date = new Date(`${day}T00:00:00`);
  date.setDate(date.getDate() + later);
  return date.toISOString();
}

/** As the API takes them. */
export function auditQueryOf({ from, to, ...rest }: AuditFilters) {
  return { ...rest, ...(from ? { after: midnight(from) } : {}), ...(to ? { before: midnight(to, 1) } : {}) };
}
