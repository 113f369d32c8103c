"use client";

import { useState } from "react";
import { useHydrated } from "@/hooks/useHydrated";
import { usePreference } from "@/hooks/usePreference";
import { useText } from "@/hooks/useText";
import { canNotify, NOTIFY_PREFERENCE } from "@/lib/notifications";

/** Asks the browser for leave only when the person wants it. */
export function NotificationChoice() {
  const text = useText("settings");
  const hydrated = useHydrated();
  const [wanted, setWanted] = usePreference(NOTIFY_PREFERENCE, false);
  const [refused, setRefused] = useState(false);
  const possible = !hydrated || canNotify();
  const onChange = async (on: boolean) => {
    const allowed = !on || (await Notification.requestPermission()) === "granted";
    setRefused(!allowed);
    setWanted(on && allowed);
  };
  return (
    <div className="flex flex-col gap-2">
      <label className="flex min-h-6 items-center gap-2.5 text-[15px]">
        <input
          type="checkbox"
          checked={wanted && possible}
          disabled={!possible}
          onChange={(event) => void onChange(event.target.checked)}
          className="size-4 accent-accent"
        />
        {text("notify")}
      </label>
      {refused || !possible ? (
        <p role="status" className="text-sm text-muted">
          {possible ? text("notifyRefused") : text("notifyImpossible")}
        </p>
      ) : null}
    </div>
  );
}
