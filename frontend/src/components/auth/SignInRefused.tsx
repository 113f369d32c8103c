"use client";

import { ProblemNotice } from "@/components/ui/ProblemNotice";
import { ApiProblem } from "@/lib/problem";

/** Why single sign-on did not let somebody in: the API says it by the `code` in the address. */
export function SignInRefused({ code }: { code: string }) {
  return (
    <div className="mb-6">
      <ProblemNotice error={new ApiProblem({ code }, 0)} />
    </div>
  );
}
