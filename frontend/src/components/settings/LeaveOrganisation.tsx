"use client";

import { useState } from "react";
import { Button } from "@/components/ui/Button";
import { LateDialog } from "@/components/ui/LateDialog";
import { useText } from "@/hooks/useText";
import { useToasts } from "@/hooks/useToasts";
import type { Me } from "@/lib/contract";
import { leave } from "@/lib/organizationCalls";

/** Asked first, because nothing brings it back but somebody else's invitation. */
export function LeaveOrganisation({ organization }: { organization: Me["organization"] }) {
  const text = useText("settings");
  const toasts = useToasts();
  const [asking, setAsking] = useState(false);
  const named = { organisation: organization.name };
  const go = () => {
    leave(organization.id).then(
      () => window.location.assign("/"),
      (error: unknown) => {
        setAsking(false);
        toasts.problem(error, text("leaveFailed"));
      },
    );
  };
  return (
    <>
      <Button look="danger" onClick={() => setAsking(true)}>
        {text("leaveNamed", named)}
      </Button>
      <LateDialog open={asking} onOpenChange={setAsking} title={text("leaveQuestion", named)} description={text("leaveWarning")}>
        <div className="flex justify-end gap-2">
          <Button onClick={() => setAsking(false)}>{text("stay")}</Button>
          <Button look="danger" onClick={go}>
            {text("leave")}
          </Button>
        </div>
      </LateDialog>
    </>
  );
}
