"use client";

import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useEffect, useMemo, useRef } from "react";
import { createAccount, signIn, signOut } from "@/lib/calls";
import type { LoginRequest, RegisterRequest } from "@/lib/contract";
import { loginPath } from "@/lib/safeNext";
import { onSessionLost } from "@/lib/session";

export interface Auth {
  signIn: (credentials: LoginRequest) => Promise<void>;
  /** The new account is signed in at once. */
  register: (account: RegisterRequest) => Promise<void>;
  /** Leaves this page: nothing of the session stays in memory. */
  signOut: (options?: { everywhere?: boolean }) => Promise<void>;
}

export const AuthContext = createContext<Auth | null>(null);

const CHANNEL = "easel-session";
const DRAFT = "easel:draft";

function leave(path: string): void {
  window.location.replace(path);
}

function here(): string {
  return window.location.pathname + window.location.search;
}

/** Who is signed in is server data, and so in the query cache (useMe); here is what changes it. */
export function AuthProvider({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const otherTabs = useRef<BroadcastChannel | null>(null);

  useEffect(() => {
    const stopListening = onSessionLost(() => {
      if (!/^\/(login|register)/.test(window.location.pathname)) leave(loginPath(here()));
    });
    const channel = new BroadcastChannel(CHANNEL);
    channel.onmessage = () => leave(loginPath(here()));
    otherTabs.current = channel;
    return () => {
      stopListening();
      channel.close();
      otherTabs.current = null;
    };
  }, []);

  const auth = useMemo<Auth>(
    () => ({
      signIn: async (credentials) => {
        await signIn(credentials);
        queries.clear();
      },
      register: async (account) => {
        await createAccount(account);
        queries.clear();
      },
      signOut: async ({ everywhere = false } = {}) => {
        await signOut(everywhere);
        localStorage.removeItem(DRAFT);
        otherTabs.current?.postMessage("signed-out");
        leave("/login");
      },
    }),
    [queries],
  );

  return <AuthContext value={auth}>{children}</AuthContext>;
}
