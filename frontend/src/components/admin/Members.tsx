"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "@/components/ui/Button";
import { LateDialog } from "@/components/ui/LateDialog";
import { ProblemNotice } from "@/components/ui/ProblemNotice";
import { Select } from "@/components/ui/Select";
import { Skeleton } from "@/components/ui/Skeleton";
import { useHydrated } from "@/hooks/useHydrated";
import { useRoleText } from "@/hooks/useRoleText";
import { useText } from "@/hooks/useText";
import { useToasts } from "@/hooks/useToasts";
import { cn } from "@/lib/cn";
import type { Member, Role } from "@/lib/contract";
import { removeMember, setRole } from "@/lib/organizationCalls";
import { membersQuery } from "@/lib/queries/organization";
import { managedBy } from "@/lib/roles";
import { MemberActions } from "./MemberActions";

export function Members({ myRole }: { myRole: Role }) {
  const text = useText("admin");
  const toasts = useToasts();
  const queries = useQueryClient();
  const { data: members, error } = useQuery(membersQuery());
  const [leaving, setLeaving] = useState<Member | null>(null);
  const refresh = () => queries.invalidateQueries({ queryKey: membersQuery().queryKey });
  const remove = (member: Member) => {
    setLeaving(null);
    removeMember(member.id)
      .then(
        () => toasts.done(text("removed", { name: member.name })),
        (problem: unknown) => toasts.problem(problem, text("removeFailed", { name: member.name })),
      )
      .finally(() => void refresh());
  };
  if (error) return <ProblemNotice error={error} />;
  if (!members) return <Skeleton className="h-40" />;
  return (
    <>
      <ul className="flex flex-col">
        {members.map((member) => (
          <MemberRow key={member.id} member={member} myRole={myRole} onChanged={refresh} onRemove={() => setLeaving(member)} />
        ))}
      </ul>
      <LateDialog
        open={leaving !== null}
        onOpenChange={() => setLeaving(null)}
        title={text("removeQuestion", { name: leaving?.name ?? "" })}
        description={text("removeLead")}
      >
        <div className="flex justify-end gap-2">
          <Button onClick={() => setLeaving(null)}>{text("keep")}</Button>
          <Button look="danger" onClick={() => leaving && remove(leaving)}>
            {text("remove")}
          </Button>
        </div>
      </LateDialog>
    </>
  );
}

interface MemberRowProps {
  member: Member;
  myRole: Role;
  onChanged: () => Promise<void>;
  onRemove: () => void;
}

function MemberRow({ member, myRole, onChanged, onRemove }: MemberRowProps) {
  const text = useText("admin");
  const roleText = useRoleText();
  const toasts = useToasts();
  const managed = managedBy(myRole);
  const hydrated = useHydrated();
  const change = (role: Role) => {
    setRole(member.id, role)
      .then(
        () => toasts.done(text("roleChanged", { name: member.name, role: roleText(role) })),
        (problem: unknown) => toasts.problem(problem, text("roleNotChanged")),
      )
      .finally(() => void onChanged());
  };
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-border py-3 last:border-b-0">
      <div className="min-w-0 flex-1 basis-48">
        <p className="truncate text-[15px] font-medium">
          {member.name}
          {member.me ? <span className="font-normal text-subtle"> ({text("you")})</span> : null}
        </p>
        <p className="truncate text-sm text-subtle">
          {member.email}
          {member.second_factor ? ` · ${text("hasFactor")}` : null}
        </p>
      </div>
      {managed.includes(member.role) ? (
        // Not seen before it works; but the list is there from the server on, and so moves nothing when it comes.
        <div className={cn("flex flex-wrap items-center gap-x-4 gap-y-2", !hydrated && "invisible")}>
          <Select
            aria-label={text("roleOf", { name: member.name })}
            value={member.role}
            onChange={(event) => change(event.target.value as Role)}
            className="w-36"
          >
            {managed.map((role) => (
              <option key={role} value={role}>
                {roleText(role)}
              </option>
            ))}
          </Select>
          {/* Whoever wants to go themselves leaves in the settings. */}
          {member.me ? null : (
            <div className="flex items-center gap-2">
              <Button look="danger" size="small" aria-label={text("removeNamed", { name: member.name })} onClick={onRemove}>
                {text("remove")}
              </Button>
              <MemberActions member={member} onChanged={onChanged} />
            </div>
          )}
        </div>
      ) : (
        <p className="text-[15px] text-muted">{roleText(member.role)}</p>
      )}
    </li>
  );
}
