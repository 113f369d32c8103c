"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "@/components/ui/Button";
import { useFormats } from "@/hooks/useFormats";
import { useText } from "@/hooks/useText";
import { useToasts } from "@/hooks/useToasts";
import { keepOrganization } from "@/lib/organizationCalls";
import { organizationQuery } from "@/lib/queries/organization";

/** While the organisation waits to be deleted, every page about it says so. */
export function ClosingNotice() {
  const text = useText("admin");
  const formats = useFormats();
  const toasts = useToasts();
  const queries = useQueryClient();
  const { data: organization } = useQuery(organizationQuery());
  if (!organization?.deletion_due_at) return null;
  const keep = () => {
    keepOrganization(organization.id)
      .then(
        () => toasts.done(text("kept", { organisation: organization.name })),
        (problem: unknown) => toasts.problem(problem, text("notKept")),
      )
      .finally(() => void queries.invalidateQueries({ queryKey: organizationQuery().queryKey }));
  };
  return (
    <div role="status" className="mb-6 flex flex-wrap items-center justify-between gap-x-6 gap-y-3 rounded-2xl bg-danger-soft p-4 text-sm">
      <div className="min-w-0 flex-1 basis-64">
        <p className="font-medium">{text("closingOn", { date: formats.dateTime(organization.deletion_due_at) })}</p>
        <p className="mt-1 text-muted">{text(organization.role === "owner" ? "closingOwner" : "closingOthers")}</p>
      </div>
      {organization.role === "owner" ? <Button onClick={keep}>{text("keepOrganisation")}</Button> : null}
    </div>
  );
}
