import type { ReactNode } from "react";

export interface EmptyStateProps {
  title: string;
  /** The heading's level: 1 when it is all that the page says. */
  level?: 1 | 2;
  children?: ReactNode;
  action?: ReactNode;
}

export function EmptyState({ title, level = 2, children, action }: EmptyStateProps) {
  const Heading = `h${level}` as const;
  return (
    <div className="mx-auto flex max-w-md flex-col items-center gap-3 px-6 py-20 text-center">
      <Heading className="text-xl font-semibold tracking-tight">{title}</Heading>
      {children ? <div className="text-[15px] leading-relaxed text-muted">{children}</div> : null}
      {action ? <div className="mt-3 flex flex-wrap justify-center gap-2">{action}</div> : null}
    </div>
  );
}
