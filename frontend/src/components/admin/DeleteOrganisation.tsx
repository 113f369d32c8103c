"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "@/components/ui/Button";
import { LateDialog } from "@/components/ui/LateDialog";
import { TextField } from "@/components/ui/TextField";
import { useText } from "@/hooks/useText";
import type { Me } from "@/lib/contract";
import { closeOrganization } from "@/lib/organizationCalls";
import type { Proof } from "@/lib/proof";
import { organizationQuery } from "@/lib/queries/organization";
import { OwnersProof } from "./OwnersProof";

type Organisation = Me["organization"];

/** With its name typed, so that it is this one and no mistake, and proof of who asks; how it is taken back is said by `ClosingNotice`. */
export function DeleteOrganisation({ organization }: { organization: Organisation }) {
  const text = useText("admin");
  const { data: known } = useQuery(organizationQuery());
  const [asking, setAsking] = useState(false);
  const named = { organisation: organization.name };
  if (known?.deletion_due_at) return <p className="text-[15px]">{text("closingAlready")}</p>;
  return (
    <>
      <Button look="danger" onClick={() => setAsking(true)}>
        {text("deleteNamed", named)}
      </Button>
      <LateDialog open={asking} onOpenChange={setAsking} title={text("deleteQuestion", named)} description={text("deleteWarning")}>
        <NameAndProof organization={organization} onDone={() => setAsking(false)} />
      </LateDialog>
    </>
  );
}

function NameAndProof({ organization, onDone }: { organization: Organisation; onDone: () => void }) {
  const text = useText("admin");
  const queries = useQueryClient();
  const [typed, setTyped] = useState("");
  const close = async (proof: Proof) => {
    await closeOrganization(organization.id, typed, proof);
    await queries.invalidateQueries({ queryKey: organizationQuery().queryKey });
    onDone();
    // There it is said until when, and how to take it back.
    window.scrollTo({ top: 0 });
  };
  return (
    <OwnersProof ready={typed.trim() === organization.name} action={text("delete")} send={close} onCancel={onDone}>
      <TextField
        id="typed-name"
        label={text("typeName", { organisation: organization.name })}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
    </OwnersProof>
  );
}
