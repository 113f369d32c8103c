import type { Metadata } from "next";
import { GeneratePanel } from "@/components/generate/GeneratePanel";
import { readRemix } from "@/lib/remix";
import { getText } from "@/lib/serverText";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getText("generate"))("title") };
}

export default async function GeneratePage({ searchParams }: PageProps<"/generate">) {
  return <GeneratePanel remix={readRemix(await searchParams)} />;
}
