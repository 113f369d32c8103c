"use client";

import { useFormats } from "@/hooks/useFormats";
import { useHydrated } from "@/hooks/useHydrated";
import { useRoleText } from "@/hooks/useRoleText";
import { useText } from "@/hooks/useText";
import type { InvitationPreview } from "@/lib/contract";

export function InviteLead({ invitation }: { invitation: InvitationPreview }) {
  const text = useText("invite");
  const roleText = useRoleText();
  const formats = useFormats();
  const hydrated = useHydrated();
  const inviter = invitation.invited_by_name;
  const role = roleText(invitation.role);
  return (
    <>
      <p>{inviter ? text("lead", { inviter, role }) : text("leadAnonymous", { role })}</p>
      <p>{text("until", { date: hydrated ? formats.dateTime(invitation.expires_at) : "…" })}</p>
    </>
  );
}
