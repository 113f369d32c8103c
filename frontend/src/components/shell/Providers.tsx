"use client";

import { QueryClientProvider } from "@tanstack/react-query";
import { ThemeProvider } from "next-themes";
import { type ReactNode, useState } from "react";
import { AuthProvider } from "@/context/AuthContext";
import { makeQueryClient } from "@/lib/queryClient";
import { Announcer } from "./Announcer";
import { LateToaster } from "./LateToaster";

export function Providers({ nonce, children }: { nonce?: string | undefined; children: ReactNode }) {
  const [queries] = useState(makeQueryClient);
  return (
    <ThemeProvider attribute="class" defaultTheme="system" enableSystem disableTransitionOnChange nonce={nonce}>
      <QueryClientProvider client={queries}>
        <AuthProvider>{children}</AuthProvider>
        <LateToaster />
        <Announcer />
      </QueryClientProvider>
    </ThemeProvider>
  );
}
