"use client";

import { useEffect, useState } from "react";
import { onAnnounce } from "@/lib/announcer";

/** The page's one live region. */
export function Announcer() {
  const [message, setMessage] = useState("");
  useEffect(() => onAnnounce(setMessage), []);
  return (
    <div role="status" aria-live="polite" className="sr-only">
      {message}
    </div>
  );
}
