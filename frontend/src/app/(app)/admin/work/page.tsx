import type { Metadata } from "next";
import { WorkView } from "@/components/admin/WorkView";
import { getText } from "@/lib/serverText";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getText("admin"))("work") };
}

export default function WorkPage() {
  return <WorkView />;
}
