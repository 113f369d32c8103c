"use client";

import { Archives } from "@/components/images/Archives";
import { useText } from "@/hooks/useText";
import { packMyData } from "@/lib/accountCalls";

/** All that is kept about oneself. */
export function YourData() {
  const text = useText("yourData");
  return <Archives kind="account" what={text("what")} action={text("pack")} ask={packMyData} />;
}
