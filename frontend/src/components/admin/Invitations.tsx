"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type SyntheticEvent, useState } from "react";
import { Button } from "@/components/ui/Button";
import { ProblemNotice } from "@/components/ui/ProblemNotice";
import { SelectField } from "@/components/ui/SelectField";
import { Skeleton } from "@/components/ui/Skeleton";
import { TextField } from "@/components/ui/TextField";
import { useFormats } from "@/hooks/useFormats";
import { useRoleText } from "@/hooks/useRoleText";
import { useText } from "@/hooks/useText";
import { useToasts } from "@/hooks/useToasts";
import type { Invited, Role } from "@/lib/contract";
import { invite, sendInvitationAgain, takeBackInvitation } from "@/lib/organizationCalls";
import { invitationsQuery } from "@/lib/queries/organization";
import { invitedBy } from "@/lib/roles";

export function Invitations({ myRole }: { myRole: Role }) {
  const queries = useQueryClient();
  const refresh = () => queries.invalidateQueries({ queryKey: invitationsQuery().queryKey });
  const [made, setMade] = useState<Invited | null>(null);
  return (
    <div className="flex flex-col gap-5">
      <InviteForm
        myRole={myRole}
        onMade={(invited) => {
          setMade(invited);
          void refresh();
        }}
      />
      {made ? <InviteLink invited={made} /> : null}
      <OpenInvitations
        onSentAgain={(invited) => {
          setMade(invited);
          void refresh();
        }}
        onTakenBack={(id) => {
          if (made?.id === id) setMade(null);
          void refresh();
        }}
      />
    </div>
  );
}

function InviteForm({ myRole, onMade }: { myRole: Role; onMade: (invited: Invited) => void }) {
  const text = useText("admin");
  const roleText = useRoleText();
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("member");
  const [problem, setProblem] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    invite({ email, role })
      .then((invited) => {
        setEmail("");
        onMade(invited);
      }, setProblem)
      .finally(() => setBusy(false));
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      {problem ? <ProblemNotice error={problem} /> : null}
      <div className="flex flex-wrap items-end gap-3">
        <TextField
          id="invite-email"
          label={text("email")}
          type="email"
          inputMode="email"
          autoComplete="off"
          required
          value={email}
          onChange={(event) => setEmail(event.target.value)}
          className="min-w-0 flex-1 basis-56"
        />
        <SelectField
          id="invite-role"
          label={text("role")}
          value={role}
          onChange={(event) => setRole(event.target.value as Role)}
          className="basis-36"
        >
          {invitedBy(myRole).map((each) => (
            <option key={each} value={each}>
              {roleText(each)}
            </option>
          ))}
        </SelectField>
        <Button type="submit" look="accent" disabled={busy} className="h-11">
          {text("invite")}
        </Button>
      </div>
    </form>
  );
}

function InviteLink({ invited }: { invited: Invited }) {
  const text = useText("admin");
  const formats = useFormats();
  const toasts = useToasts();
  const copy = () => void navigator.clipboard.writeText(invited.url).then(() => toasts.done(text("copied")));
  return (
    <div role="status" className="flex flex-wrap items-end gap-3 rounded-2xl bg-surface-sunken p-4">
      <TextField
        id="invite-link"
        label={text("inviteLink", { email: invited.email })}
        help={text("inviteLinkHelp", { date: formats.dateTime(invited.expires_at) })}
        value={invited.url}
        readOnly
        onFocus={(event) => event.target.select()}
        className="min-w-0 flex-1 basis-64"
      />
      <Button onClick={copy}>{text("copy")}</Button>
    </div>
  );
}

interface OpenInvitationsProps {
  onSentAgain: (invited: Invited) => void;
  onTakenBack: (id: string) => void;
}

function OpenInvitations({ onSentAgain, onTakenBack }: OpenInvitationsProps) {
  const text = useText("admin");
  const roleText = useRoleText();
  const formats = useFormats();
  const toasts = useToasts();
  const { data: invitations, error } = useQuery(invitationsQuery());
  const takeBack = (id: string) => {
    takeBackInvitation(id).then(
      () => toasts.done(text("tookBack")),
      (problem: unknown) => toasts.problem(problem, text("tookBackFailed")),
    ).finally(() => onTakenBack(id));
  };
  const sendAgain = (id: string) => {
    sendInvitationAgain(id).then(
      (invited) => {
        toasts.done(text("invitedAgain"));
        onSentAgain(invited);
      },
      (problem: unknown) => toasts.problem(problem, text("notInvitedAgain")),
    );
  };
  if (error) return <ProblemNotice error={error} />;
  if (!invitations) return <Skeleton className="h-12" />;
  if (invitations.length === 0) return <p className="text-[15px] text-muted">{text("noInvitations")}</p>;
  return (
    <ul className="flex flex-col">
      {invitations.map(({ id, email, role, expires_at, expired }) => (
        <li key={id} className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-border py-3 last:border-b-0">
          <div className="min-w-0 flex-1 basis-48">
            <p className="truncate text-[15px] font-medium">{email}</p>
            <p className="text-sm text-subtle">
              {text(expired ? "expiredOn" : "openUntil", { role: roleText(role), date: formats.dateTime(expires_at) })}
            </p>
          </div>
          <Button size="small" aria-label={text("inviteAgainNamed", { email })} onClick={() => sendAgain(id)}>
            {text("inviteAgain")}
          </Button>
          <Button look="danger" size="small" aria-label={text("takeBackNamed", { email })} onClick={() => takeBack(id)}>
            {text("takeBack")}
          </Button>
        </li>
      ))}
    </ul>
  );
}
