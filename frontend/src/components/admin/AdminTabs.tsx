"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import { useText } from "@/hooks/useText";
import { cn } from "@/lib/cn";

export function AdminTabs() {
  const text = useText("admin");
  const pathname = usePathname();
  const tabs = [
    { href: "/admin", label: text("people") },
    { href: "/admin/work", label: text("work") },
    { href: "/admin/moderation", label: text("moderation") },
    { href: "/admin/audit", label: text("audit") },
  ];
  return (
    <nav aria-label={text("title")} className="-ms-3 mb-6 flex flex-wrap gap-1">
      {tabs.map(({ href, label }) => (
        <Link
          key={href}
          href={href}
          prefetch={false}
          aria-current={pathname === href ? "page" : undefined}
          className={cn(
            "flex h-9 items-center rounded-full px-3 text-sm whitespace-nowrap transition-colors duration-150",
            pathname === href ? "bg-surface-hover font-medium text-foreground" : "text-muted hover:bg-surface-hover hover:text-foreground",
          )}
        >
          {label}
        </Link>
      ))}
    </nav>
  );
}
