import { getText } from "@/lib/serverText";

export async function SkipLink() {
  const text = await getText("common");
  return (
    <a
      href="#main"
      className="sr-only z-50 rounded-full bg-accent px-4 py-2 text-sm font-medium text-accent-foreground focus:not-sr-only focus:fixed focus:top-3 focus:start-3"
    >
      {text("skipToContent")}
    </a>
  );
}
