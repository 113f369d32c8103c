"use client";

import type { ReactNode } from "react";
import { EmptyState } from "@/components/ui/EmptyState";
import { ProblemNotice } from "@/components/ui/ProblemNotice";
import { Skeleton } from "@/components/ui/Skeleton";
import { useMe } from "@/hooks/useMe";
import { useRoleText } from "@/hooks/useRoleText";
import { useText } from "@/hooks/useText";
import { managedBy } from "@/lib/roles";
import { AdminTabs } from "./AdminTabs";
import { ClosingNotice } from "./ClosingNotice";

/** Around every page about the organisation: whose it is, the way to the others, and nothing for those who may not. */
export function AdminFrame({ children }: { children: ReactNode }) {
  const text = useText("admin");
  const roleText = useRoleText();
  const { data: me, error } = useMe();
  const role = me?.organization.role;
  if (role && managedBy(role).length === 0) {
    return (
      <EmptyState level={1} title={text("notAllowedTitle")}>
        {text("notAllowedLead", { role: roleText(role) })}
      </EmptyState>
    );
  }
  return (
    <div className="mx-auto w-full max-w-4xl px-4 pt-6 pb-16 sm:px-6 sm:pt-10">
      <h1 className="mb-4 text-2xl font-semibold tracking-tight break-words">{me?.organization.name ?? text("title")}</h1>
      <AdminTabs />
      {role ? <ClosingNotice /> : null}
      {error ? <ProblemNotice error={error} /> : null}
      {role ? children : <Skeleton className="h-40" />}
    </div>
  );
}
