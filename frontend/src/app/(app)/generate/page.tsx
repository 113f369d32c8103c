import type { Metadata } from "next";
import { GeneratePanel } from "@/components/generate/GeneratePanel";
import { readRemix } from "@/lib/remix";

export const metadata: Metadata = { title: "Generate" };

export default async function GeneratePage({ searchParams }: PageProps<"/generate">) {
  return <GeneratePanel remix={readRemix(await searchParams)} />;
}
