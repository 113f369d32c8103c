import type { Role } from "./contract";

const BELOW_ADMINS: readonly Role[] = ["member", "viewer"];

/** Whom a role manages, and what it may give; the API decides, this only leaves out what it would refuse. */
export function managedBy(role: Role): readonly Role[] {
  if (role === "owner") return ["owner", "admin", ...BELOW_ADMINS];
  return role === "admin" ? BELOW_ADMINS : [];
}

/** Nobody is invited as an owner by mistake: that is for those who are known here. */
export function invitedBy(role: Role): readonly Role[] {
  return managedBy(role).filter((each) => each !== "owner");
}
