"use client";

import { Ellipsis } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/Button";
import { LateDialog } from "@/components/ui/LateDialog";
import { IconButton } from "@/components/ui/IconButton";
import { Menu } from "@/components/ui/Menu";
import type { MenuEntry } from "@/components/ui/menuTypes";
import { useText } from "@/hooks/useText";
import { useToasts } from "@/hooks/useToasts";
import type { Member } from "@/lib/contract";
import { resetSecondFactor, signOutMember } from "@/lib/organizationCalls";

/** What helps a member who lost a device, or the phone with the second factor. */
export function MemberActions({ member, onChanged }: { member: Member; onChanged: () => Promise<void> }) {
  const text = useText("admin");
  const toasts = useToasts();
  const [asking, setAsking] = useState(false);
  const named = { name: member.name };
  const run = (call: Promise<void>, done: string, failed: string) => {
    setAsking(false);
    call
      .then(
        () => toasts.done(done),
        (problem: unknown) => toasts.problem(problem, failed),
      )
      .finally(() => void onChanged());
  };
  const entries: MenuEntry[] = [
    { type: "item", label: text("signOutMember"), onSelect: () => run(signOutMember(member.id), text("signedOut", named), text("notSignedOut", named)) },
  ];
  if (member.second_factor) entries.push({ type: "item", label: text("resetFactor"), onSelect: () => setAsking(true) });
  return (
    <>
      <Menu
        align="end"
        trigger={
          <IconButton label={text("moreFor", named)} size="small">
            <Ellipsis aria-hidden />
          </IconButton>
        }
        entries={entries}
      />
      <LateDialog open={asking} onOpenChange={setAsking} title={text("resetQuestion", named)} description={text("resetWarning")}>
        <div className="flex justify-end gap-2">
          <Button onClick={() => setAsking(false)}>{text("keep")}</Button>
          <Button look="danger" onClick={() => run(resetSecondFactor(member.id), text("factorReset", named), text("factorNotReset", named))}>
            {text("resetFactor")}
          </Button>
        </div>
      </LateDialog>
    </>
  );
}
