import type { ReactNode } from "react";

export interface SectionProps {
  title: string;
  lead: string;
  children: ReactNode;
}

/** One subject of a page of settings: what it is on the left, what there is to do on the right. */
export function Section({ title, lead, children }: SectionProps) {
  return (
    <section className="grid gap-x-12 gap-y-4 border-t border-border py-8 sm:grid-cols-[14rem_minmax(0,1fr)]">
      <div>
        <h2 className="font-medium">{title}</h2>
        <p className="mt-1 text-sm text-subtle">{lead}</p>
      </div>
      <div className="min-w-0">{children}</div>
    </section>
  );
}
