"use client";

import { useState } from "react";
import { Button } from "@/components/ui/Button";
import { Dialog } from "@/components/ui/Dialog";
import { TextField } from "@/components/ui/TextField";
import { useText } from "@/hooks/useText";

const LONGEST = 100;

export function RenameDialog({ name, onClose, onName }: { name: string; onClose: () => void; onName: (name: string) => void }) {
  const text = useText("collections");
  const [typed, setTyped] = useState(name);
  return (
    <Dialog open onOpenChange={(next) => !next && onClose()} title={text("rename")}>
      <form
        className="flex items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          if (typed.trim()) onName(typed.trim());
        }}
      >
        <div className="flex-1">
          <TextField id="collection-name" label={text("name")} value={typed} maxLength={LONGEST} onChange={(event) => setTyped(event.target.value)} />
        </div>
        <Button type="submit" look="accent" disabled={!typed.trim()}>
          {text("save")}
        </Button>
      </form>
    </Dialog>
  );
}
