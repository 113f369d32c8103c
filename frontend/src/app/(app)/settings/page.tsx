import type { Metadata } from "next";
import { SettingsView } from "@/components/settings/SettingsView";
import { MessagesFor } from "@/components/shell/MessagesFor";
import { getText } from "@/lib/serverText";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getText("settings"))("title") };
}

export default function SettingsPage() {
  return (
    <MessagesFor features={["account", "archives", "proof", "yourData"]}>
      <SettingsView />
    </MessagesFor>
  );
}
