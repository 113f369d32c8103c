"use client";

import { useQuery } from "@tanstack/react-query";
import { ProblemNotice } from "@/components/ui/ProblemNotice";
import { ProofForm, type ProofFormProps } from "@/components/ui/ProofForm";
import { Skeleton } from "@/components/ui/Skeleton";
import { asksOf } from "@/lib/proof";
import { wantedProofQuery } from "@/lib/queries/account";

/** What an open session alone is not enough for: as much proof as the owner's account has. */
export function OwnersProof(props: Omit<ProofFormProps, "asks" | "danger">) {
  const { data: wanted, error } = useQuery(wantedProofQuery());
  if (error) return <ProblemNotice error={error} />;
  if (!wanted) return <Skeleton className="h-40" />;
  return <ProofForm danger asks={asksOf(wanted)} {...props} />;
}
