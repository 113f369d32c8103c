import type { Metadata } from "next";
import { AuditView } from "@/components/admin/AuditView";
import { MessagesFor } from "@/components/shell/MessagesFor";
import { getText } from "@/lib/serverText";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getText("audit"))("title") };
}

export default function AuditPage() {
  return (
    <MessagesFor features={["audit"]}>
      <AuditView />
    </MessagesFor>
  );
}
