import Link from "next/link";
import { ProblemNotice } from "@/components/ui/ProblemNotice";
import { buttonStyle } from "@/components/ui/Button";
import { useText } from "@/hooks/useText";

export interface LinkNotWholeProps {
  /** What the API said of it, when it was asked. */
  problem: unknown;
  href: string;
  action: string;
}

/** A mail's link that lost its end, expired, or was used. */
export function LinkNotWhole({ problem, href, action }: LinkNotWholeProps) {
  const text = useText("account");
  return (
    <div className="flex flex-col items-start gap-5">
      {problem ? <ProblemNotice error={problem} /> : <p role="alert">{text("noToken")}</p>}
      <Link href={href} className={buttonStyle({ size: "large" })}>
        {action}
      </Link>
    </div>
  );
}
