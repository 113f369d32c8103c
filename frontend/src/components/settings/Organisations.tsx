"use client";

import { lazy, useState } from "react";
import { Button } from "@/components/ui/Button";
import { Later } from "@/components/ui/Later";
import { useRoleText } from "@/hooks/useRoleText";
import { useSwitchTo } from "@/hooks/useSwitchTo";
import { useText } from "@/hooks/useText";
import type { Me } from "@/lib/contract";
import { LeaveOrganisation } from "./LeaveOrganisation";

const FoundOrganisation = lazy(() => import("./FoundOrganisation").then((module) => ({ default: module.FoundOrganisation })));

/** Where one belongs: going to another, founding one, leaving this one. */
export function Organisations({ me }: { me: Me }) {
  const text = useText("settings");
  const roleText = useRoleText();
  const switchTo = useSwitchTo();
  const [founding, setFounding] = useState(false);
  return (
    <div className="flex flex-col gap-5">
      <ul className="flex flex-col">
        {me.organizations.map(({ id, name, role }) => (
          <li key={id} className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 border-b border-border py-3 first:pt-0">
            <div className="min-w-0">
              <p className="text-[15px] break-words">
                {name}
                {id === me.organization.id ? <span className="ms-2 text-[13px] text-accent-text">{text("here")}</span> : null}
              </p>
              <p className="text-[13px] text-subtle">{roleText(role)}</p>
            </div>
            {id === me.organization.id ? (
              <LeaveOrganisation organization={me.organization} />
            ) : (
              <Button size="small" aria-label={text("goToNamed", { organisation: name })} onClick={() => switchTo(id)}>
                {text("goTo")}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {founding ? (
        <Later className="h-18">
          <FoundOrganisation onDone={() => setFounding(false)} />
        </Later>
      ) : (
        <Button className="self-start" onClick={() => setFounding(true)}>
          {text("found")}
        </Button>
      )}
    </div>
  );
}
