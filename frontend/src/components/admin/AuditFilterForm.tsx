"use client";

import { useQuery } from "@tanstack/react-query";
import { Button } from "@/components/ui/Button";
import { SelectField } from "@/components/ui/SelectField";
import { TextField } from "@/components/ui/TextField";
import { useText } from "@/hooks/useText";
import type { AuditFilters } from "@/lib/auditFilters";
import { actionText, AUDIT_ACTIONS } from "@/lib/auditWords";
import { membersQuery } from "@/lib/queries/organization";

export interface AuditFilterFormProps {
  filters: AuditFilters;
  onFilters: (filters: AuditFilters) => void;
}

export function AuditFilterForm({ filters, onFilters }: AuditFilterFormProps) {
  const text = useText("audit");
  const { data: members = [] } = useQuery(membersQuery());
  const set = (name: keyof AuditFilters, value: string) => {
    onFilters(Object.fromEntries(Object.entries({ ...filters, [name]: value }).filter(([, each]) => each)));
  };
  // A link may name somebody who has left.
  const isGone = filters.actor !== undefined && members.length > 0 && members.every(({ id }) => id !== filters.actor);
  return (
    <div role="search" aria-label={text("title")} className="grid grid-cols-2 gap-3 sm:grid-cols-4">
      <SelectField
        id="audit-action"
        label={text("what")}
        value={filters.action ?? ""}
        onChange={(event) => set("action", event.target.value)}
        className="max-sm:col-span-2"
      >
        <option value="">{text("everything")}</option>
        {AUDIT_ACTIONS.map((action) => (
          <option key={action} value={action}>
            {actionText(action, text)}
          </option>
        ))}
      </SelectField>
      <SelectField
        id="audit-actor"
        label={text("who")}
        value={filters.actor ?? ""}
        onChange={(event) => set("actor", event.target.value)}
        className="max-sm:col-span-2"
      >
        <option value="">{text("everybody")}</option>
        {isGone ? <option value={filters.actor}>{text("somebodyGone")}</option> : null}
        {members.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </SelectField>
      <TextField
        id="audit-from"
        label={text("from")}
        type="date"
        max={filters.to}
        value={filters.from ?? ""}
        onChange={(event) => set("from", event.target.value)}
      />
      <TextField id="audit-to" label={text("to")} type="date" min={filters.from} value={filters.to ?? ""} onChange={(event) => set("to", event.target.value)} />
      {Object.keys(filters).length > 0 ? (
        <Button look="quiet" size="small" className="justify-self-start" onClick={() => onFilters({})}>
          {text("clear")}
        </Button>
      ) : null}
    </div>
  );
}
