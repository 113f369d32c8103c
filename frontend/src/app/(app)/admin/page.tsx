import type { Metadata } from "next";
import { PeopleView } from "@/components/admin/PeopleView";
import { getText } from "@/lib/serverText";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getText("admin"))("title") };
}

export default function AdminPage() {
  return <PeopleView />;
}
