import type { Metadata } from "next";
import { ModerationView } from "@/components/admin/ModerationView";
import { MessagesFor } from "@/components/shell/MessagesFor";
import { getText } from "@/lib/serverText";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getText("moderation"))("title") };
}

export default function ModerationPage() {
  return (
    <MessagesFor features={["moderation"]}>
      <ModerationView />
    </MessagesFor>
  );
}
