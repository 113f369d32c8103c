import { useCallback } from "react";
import type { Role } from "@/lib/contract";
import { useText } from "./useText";

const KEYS = { owner: "roleOwner", admin: "roleAdmin", member: "roleMember", viewer: "roleViewer" } as const;

/** What a role is called in the visitor's language. */
export function useRoleText(): (role: Role) => string {
  const text = useText("common");
  return useCallback((role) => text(KEYS[role]), [text]);
}
