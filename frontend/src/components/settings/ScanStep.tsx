"use client";

import type { ReactNode } from "react";
import { Button } from "@/components/ui/Button";
import { useCopy } from "@/hooks/useCopy";
import { useText } from "@/hooks/useText";
import type { SecondFactorEnrolment } from "@/lib/contract";

/** The secret as a picture, and as text for whoever can't scan it. The picture is always dark on white, or cameras fail. */
export function ScanStep({ enrolment, children }: { enrolment: SecondFactorEnrolment; children: ReactNode }) {
  const text = useText("account");
  const copy = useCopy();
  const inGroups = enrolment.secret.match(/.{1,4}/g)?.join(" ") ?? enrolment.secret;
  return (
    <div className="flex flex-col gap-5">
      <p className="text-[15px]">{text("scan")}</p>
      <img
        src={`data:image/svg+xml,${encodeURIComponent(enrolment.qr_svg)}`}
        alt={text("qrCode")}
        width={208}
        height={208}
        className="rounded-2xl border border-border"
      />
      <div className="text-sm text-muted">
        <p>{text("cannotScan")}</p>
        <p className="mt-1 font-mono break-words select-all">{inGroups}</p>
        <Button size="small" className="mt-2" onClick={() => void copy(enrolment.secret, text("theKey"))}>
          {text("copySecret")}
        </Button>
      </div>
      {children}
    </div>
  );
}
