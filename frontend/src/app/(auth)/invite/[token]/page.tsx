import type { Metadata } from "next";
import Link from "next/link";
import { AuthFrame } from "@/components/auth/AuthFrame";
import { InviteForms } from "@/components/auth/InviteForms";
import { InviteLead } from "@/components/auth/InviteLead";
import { MessagesFor } from "@/components/shell/MessagesFor";
import { readInvitation, readMe } from "@/lib/serverApi";
import { getText } from "@/lib/serverText";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getText("invite"))("title"), referrer: "no-referrer" };
}

export default async function InvitePage({ params }: PageProps<"/invite/[token]">) {
  const { token } = await params;
  const [invitation, me, text, common] = await Promise.all([
    readInvitation(token),
    readMe(),
    getText("invite"),
    getText("common"),
  ]);
  if (invitation === null || invitation === "spent") {
    const why = invitation === "spent" ? "spent" : "unknown";
    return (
      <AuthFrame title={text(`${why}Heading`)} lead={text(`${why}Lead`)}>
        <Link href="/" className="text-accent-text underline underline-offset-4">
          {common("toTheStudio")}
        </Link>
      </AuthFrame>
    );
  }
  return (
    <MessagesFor features={["auth", "invite"]}>
      <AuthFrame
        title={text("heading", { organisation: invitation.organization_name })}
        lead={<InviteLead invitation={invitation} />}
      >
        <InviteForms token={token} email={invitation.email} signedInAs={me?.user.email ?? null} />
      </AuthFrame>
    </MessagesFor>
  );
}
