"use client";

import { Copy, Link2, X } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/Button";
import { Dialog } from "@/components/ui/Dialog";
import { IconButton } from "@/components/ui/IconButton";
import { Segments } from "@/components/ui/Segments";
import { TextField } from "@/components/ui/TextField";
import { useCopy } from "@/hooks/useCopy";
import { useFormats } from "@/hooks/useFormats";
import { type ShareTarget, useShareLinks } from "@/hooks/useShareLinks";
import { useText } from "@/hooks/useText";

const DAY_HOURS = 24;
const PERIODS = [1, 7, 30, 365] as const;

/** Links for people without an account: made, told once, counted, ended. */
export function ShareDialog({ open, onClose, target }: { open: boolean; onClose: () => void; target: ShareTarget }) {
  const text = useText("sharing");
  const formats = useFormats();
  const copy = useCopy();
  const [days, setDays] = useState("7");
  const { links, create, revoke } = useShareLinks(target);
  const made = create.data;
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => {
        if (next) return;
        create.reset();
        onClose();
      }}
      title={text("title")}
      description={text("lead")}
    >
      <p className="mb-1.5 text-sm font-medium">{text("lasts")}</p>
      <Segments
        label={text("lasts")}
        value={days}
        onValue={setDays}
        choices={PERIODS.map((n) => ({ value: String(n), label: text("days", { n }) }))}
      />
      {made ? (
        <div className="mt-4 flex items-end gap-2">
          <div className="min-w-0 flex-1">
            <TextField id="share-url" label={text("link")} help={text("once")} readOnly value={made.url} onFocus={(event) => event.target.select()} />
          </div>
          <IconButton label={text("copy")} className="mb-7" onClick={() => void copy(made.url, text("link"))}>
            <Copy aria-hidden />
          </IconButton>
        </div>
      ) : (
        <Button look="accent" className="mt-4" disabled={create.isPending} onClick={() => create.mutate(Number(days) * DAY_HOURS)}>
          <Link2 aria-hidden /> {text("make")}
        </Button>
      )}
      {links.data && links.data.length > 0 ? (
        <ul aria-label={text("open")} className="mt-5 flex flex-col divide-y divide-border border-t border-border">
          {links.data.map((link) => (
            <li key={link.id} className="flex items-center justify-between gap-3 py-2 text-sm">
              <span>
                {text("until", { date: formats.dateTime(link.expires_at) })}
                <span className="tabular block text-[13px] text-subtle">{text("views", { n: link.views })}</span>
              </span>
              <IconButton label={text("revoke")} look="danger" size="small" onClick={() => revoke.mutate(link.id)}>
                <X aria-hidden />
              </IconButton>
            </li>
          ))}
        </ul>
      ) : null}
    </Dialog>
  );
}
