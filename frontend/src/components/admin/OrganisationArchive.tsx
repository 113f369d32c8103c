"use client";

import { Archives } from "@/components/images/Archives";
import { useText } from "@/hooks/useText";
import { packOrganization } from "@/lib/organizationCalls";

/** The organisation as a whole, for those who manage it. */
export function OrganisationArchive() {
  const text = useText("admin");
  return <Archives kind="organization" what={text("archiveWhat")} action={text("packIt")} ask={packOrganization} />;
}
