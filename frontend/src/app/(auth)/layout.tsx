import type { ReactNode } from "react";
import { MessagesFor } from "@/components/shell/MessagesFor";

export default function AuthLayout({ children }: { children: ReactNode }) {
  return <MessagesFor features={["auth", "account"]}>{children}</MessagesFor>;
}
