"use client";

import { useTheme } from "next-themes";
import { useEffect } from "react";
import { Toaster as Sonner } from "sonner";
import { toasterListens } from "@/lib/toasts";

export function Toaster() {
  const { resolvedTheme } = useTheme();
  // Runs after the effects inside Sonner, which subscribe it.
  useEffect(toasterListens, []);
  return (
    <Sonner
      theme={resolvedTheme === "dark" ? "dark" : "light"}
      position="top-center"
      offset={72}
      mobileOffset={{ top: 68 }}
      toastOptions={{
        classNames: {
          toast: "!rounded-2xl !border-border !bg-surface !text-foreground !shadow-lift !font-sans",
          description: "!text-muted",
          actionButton: "!rounded-full !bg-accent !text-accent-foreground !h-7 !px-3",
        },
      }}
    />
  );
}
