"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "@/components/ui/Button";
import { LateDialog } from "@/components/ui/LateDialog";
import { ProblemNotice } from "@/components/ui/ProblemNotice";
import { SelectField } from "@/components/ui/SelectField";
import { Skeleton } from "@/components/ui/Skeleton";
import { useText } from "@/hooks/useText";
import { useToasts } from "@/hooks/useToasts";
import type { Me, Member } from "@/lib/contract";
import { handOn } from "@/lib/organizationCalls";
import type { Proof } from "@/lib/proof";
import { meKey } from "@/lib/queries/keys";
import { membersQuery, organizationQuery } from "@/lib/queries/organization";
import { OwnersProof } from "./OwnersProof";

/** The organisation to another member. Asked first, because only the new owner can give it back. */
export function HandOn({ organization }: { organization: Me["organization"] }) {
  const text = useText("admin");
  const toasts = useToasts();
  const queries = useQueryClient();
  const { data: members, error } = useQuery(membersQuery());
  const [chosen, setChosen] = useState("");
  const [asking, setAsking] = useState(false);
  if (error) return <ProblemNotice error={error} />;
  if (!members) return <Skeleton className="h-16" />;
  const others = members.filter((member) => !member.me);
  if (others.length === 0) return <p className="text-[15px] text-muted">{text("nobodyElse")}</p>;
  const heir = others.find(({ id }) => id === chosen);
  const go = async (heir: Member, proof: Proof) => {
    await handOn(organization.id, heir.id, proof);
    setAsking(false);
    toasts.done(text("handedOn", { name: heir.name }));
    for (const queryKey of [meKey, membersQuery().queryKey, organizationQuery().queryKey]) void queries.invalidateQueries({ queryKey });
  };
  return (
    <div className="flex flex-wrap items-end gap-3">
      <SelectField id="heir" label={text("newOwner")} value={chosen} onChange={(event) => setChosen(event.target.value)} className="min-w-0 flex-1 basis-56">
        <option value="">{text("choose")}</option>
        {others.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </SelectField>
      <Button className="h-11" disabled={!heir} onClick={() => setAsking(true)}>
        {text("handOn")}
      </Button>
      <LateDialog
        open={asking}
        onOpenChange={setAsking}
        title={text("handOnQuestion", { organisation: organization.name, name: heir?.name ?? "" })}
        description={text("handOnWarning")}
      >
        {heir ? <OwnersProof action={text("handOn")} send={(proof) => go(heir, proof)} onCancel={() => setAsking(false)} /> : null}
      </LateDialog>
    </div>
  );
}
