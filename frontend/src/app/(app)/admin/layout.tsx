import type { ReactNode } from "react";
import { AdminFrame } from "@/components/admin/AdminFrame";
import { MessagesFor } from "@/components/shell/MessagesFor";

export default function AdminLayout({ children }: { children: ReactNode }) {
  return (
    <MessagesFor features={["admin", "archives", "proof"]}>
      <AdminFrame>{children}</AdminFrame>
    </MessagesFor>
  );
}
