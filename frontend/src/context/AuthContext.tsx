"use client";

import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useEffect, useMemo, useRef } from "react";
import { createAccount, signIn, signOut } from "@/lib/calls";
import type { LoginRequest, RegisterRequest } from "@/lib/contract";
import { loginPath } from "@/lib/safeNext";
import { onSessionLost } from "@/lib/session";

export interface Auth {
  signIn: (credentials: LoginRequest) => Promise<void>;
  /** After `signIn` threw `second_factor_required`: its token and a code. */
  signInSecondStep: (token: string, code: string) => Promise<void>;
  /** The new account is signed in at once. */
  register: (account: RegisterRequest) => Promise<void>;
  /** Leaves this page: nothing of the session stays in memory. */
  signOut: (options?: { everywhere?: boolean; to?: string }) => Promise<void>;
  /** As much of the proof as the account has. Leaves this page for one that says until when it can be taken back. */
  deleteAccount: (proof: { password: string; code: string }) => Promise<void>;
}

export const AuthContext = createContext<Auth | null>(null);

/** What few pages need, each once. */
const loadAccountCalls = () => import("@/lib/accountCalls");

const CHANNEL = "easel-session";
const DRAFT = "easel:draft";
const PAGES_FOR_ANYBODY = /^\/(login|register|invite|forgot-password|reset-password|verify-email|restore-account)(\/|$)/;

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
      if (!PAGES_FOR_ANYBODY.test(window.location.pathname)) leave(loginPath(here()));
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

  const auth = useMemo<Auth>(() => {
    const gone = (to: string) => {
      localStorage.removeItem(DRAFT);
      otherTabs.current?.postMessage("signed-out");
      leave(to);
    };
    return {
      signIn: async (credentials) => {
        await signIn(credentials);
        queries.clear();
      },
      signInSecondStep: async (token, code) => {
        await (await loadAccountCalls()).signInSecondStep(token, code);
        queries.clear();
      },
      register: async (account) => {
        await createAccount(account);
        queries.clear();
      },
      signOut: async ({ everywhere = false, to = "/login" } = {}) => {
        await signOut(everywhere);
        gone(to);
      },
      deleteAccount: async (proof) => {
        const due = await (await loadAccountCalls()).deleteAccount(proof);
        gone(`/login?closing=${encodeURIComponent(due)}`);
      },
    };
  }, [queries]);

  return <AuthContext value={auth}>{children}</AuthContext>;
}
