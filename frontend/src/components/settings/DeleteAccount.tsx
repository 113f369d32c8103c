"use client";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "@/components/ui/Button";
import { ProblemNotice } from "@/components/ui/ProblemNotice";
import { ProofForm } from "@/components/ui/ProofForm";
import { Skeleton } from "@/components/ui/Skeleton";
import { useAuth } from "@/hooks/useAuth";
import { useFormats } from "@/hooks/useFormats";
import { useMe } from "@/hooks/useMe";
import { useSwitchTo } from "@/hooks/useSwitchTo";
import { useText } from "@/hooks/useText";
import { useToasts } from "@/hooks/useToasts";
import type { DeletionPreview } from "@/lib/contract";
import { asksOf } from "@/lib/proof";
import { deletionPreviewQuery } from "@/lib/queries/account";

/** What happens is said first, and what is in the way; then the proof that it is really they. */
export function DeleteAccount() {
  const text = useText("yourData");
  const [asking, setAsking] = useState(false);
  if (asking) return <Asking onCancel={() => setAsking(false)} />;
  return (
    <Button look="danger" onClick={() => setAsking(true)}>
      {text("deleteAccount")}
    </Button>
  );
}

function Asking({ onCancel }: { onCancel: () => void }) {
  const text = useText("yourData");
  const { data: preview, error } = useQuery({ ...deletionPreviewQuery(), staleTime: 0 });
  if (error) return <ProblemNotice error={error} />;
  if (!preview) return <Skeleton className="h-48" />;
  if (preview.owned_alone.length > 0) return <InTheWay preview={preview} onCancel={onCancel} />;
  return (
    <div className="flex flex-col gap-5">
      <WhatHappens preview={preview} />
      {preview.needs_password ? null : <SignInAgain />}
      <ProofOfSelf preview={preview} action={text("deleteForGood")} onCancel={onCancel} />
    </div>
  );
}

function ProofOfSelf({ preview, action, onCancel }: { preview: DeletionPreview; action: string; onCancel: () => void }) {
  const { deleteAccount } = useAuth();
  return <ProofForm danger asks={asksOf(preview)} action={action} onCancel={onCancel} send={deleteAccount} />;
}

function WhatHappens({ preview }: { preview: DeletionPreview }) {
  const text = useText("yourData");
  const formats = useFormats();
  const gone = preview.deleted_too.map(({ name }) => text("quoted", { name })).join(", ");
  const facts = [
    text("goes"),
    gone ? text("goesToo", { organisations: gone, n: preview.deleted_too.length }) : null,
    text("endsNow"),
    text("grace", { time: formats.wait(preview.grace_hours * 3_600) }),
    text("stays"),
  ];
  return (
    <ul className="flex list-disc flex-col gap-2 ps-5 text-[15px] leading-relaxed marker:text-subtle">
      {facts.map((fact) => (fact ? <li key={fact}>{fact}</li> : null))}
    </ul>
  );
}

/** Organisations that would be without an owner: handed on or deleted first, each on its own page. */
function InTheWay({ preview, onCancel }: { preview: DeletionPreview; onCancel: () => void }) {
  const text = useText("yourData");
  const { data: me } = useMe();
  const switchTo = useSwitchTo();
  const goTo = (id: string) => (id === me?.organization.id ? window.location.assign("/admin") : switchTo(id, "/admin"));
  return (
    <div className="flex flex-col items-start gap-4">
      <p className="text-[15px]">{text("inTheWay")}</p>
      <ul className="flex w-full flex-col">
        {preview.owned_alone.map(({ id, name }) => (
          <li key={id} className="flex flex-wrap items-center justify-between gap-3 border-b border-border py-3 first:pt-0">
            <span className="min-w-0 text-[15px] break-words">{name}</span>
            <Button size="small" aria-label={text("manageNamed", { organisation: name })} onClick={() => goTo(id)}>
              {text("manage")}
            </Button>
          </li>
        ))}
      </ul>
      <Button look="quiet" onClick={onCancel}>
        {text("keepIt")}
      </Button>
    </div>
  );
}

/** Without a password, having just come from the sign-in service is the proof. */
function SignInAgain() {
  const text = useText("yourData");
  const toasts = useToasts();
  const { signOut } = useAuth();
  const again = () => void signOut({ to: "/login?next=/settings" }).catch((error: unknown) => toasts.problem(error, text("notSignedOut")));
  return (
    <div className="flex flex-wrap items-center gap-3 text-[15px]">
      <p className="min-w-0 flex-1 basis-56">{text("fresh")}</p>
      <Button size="small" onClick={again}>
        {text("signInAgain")}
      </Button>
    </div>
  );
}
