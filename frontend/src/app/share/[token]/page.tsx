import type { Metadata } from "next";
import Link from "next/link";
import { MessagesFor } from "@/components/shell/MessagesFor";
import { SharedPictures } from "@/components/sharing/SharedPictures";
import { buttonStyle } from "@/components/ui/Button";
import { EmptyState } from "@/components/ui/EmptyState";
import { Logo } from "@/components/ui/Logo";
import { readShare } from "@/lib/serverApi";
import { getText } from "@/lib/serverText";

/** The address is the key: it goes into no list and to no other site. */
export async function generateMetadata(): Promise<Metadata> {
  return {
    title: (await getText("sharing"))("pageTitle"),
    robots: { index: false, follow: false },
    referrer: "no-referrer",
  };
}

/** For whoever has the link: the pictures, and nothing else. */
export default async function SharePage({ params, searchParams }: PageProps<"/share/[token]">) {
  const { token } = await params;
  const { cursor } = await searchParams;
  const text = await getText("sharing");
  const share = await readShare(token, typeof cursor === "string" ? cursor : undefined);
  return (
    <MessagesFor features={["sharing"]}>
      <main id="main" className="mx-auto flex w-full max-w-[100rem] flex-1 flex-col px-3 py-6 sm:px-6 sm:py-10">
        <header className="mb-6 flex items-center gap-3">
          <Logo className="size-8 shrink-0" />
          <h1 className="text-2xl font-semibold tracking-tight break-words">{share.page?.title ?? text("pageTitle")}</h1>
        </header>
        {share.page && share.page.items.length > 0 ? (
          <>
            <SharedPictures images={share.page.items} label={text("pageTitle")} nameOf={(n) => text("numbered", { n })} />
            {share.page.next_cursor ? (
              <Link
                href={`/share/${encodeURIComponent(token)}?cursor=${encodeURIComponent(share.page.next_cursor)}`}
                className={buttonStyle({ className: "mt-8 self-center" })}
              >
                {text("more")}
              </Link>
            ) : null}
          </>
        ) : share.away ? (
          <EmptyState title={text("away")}>{text("awayLead")}</EmptyState>
        ) : (
          <EmptyState title={text("gone")}>{text("goneLead")}</EmptyState>
        )}
      </main>
    </MessagesFor>
  );
}
