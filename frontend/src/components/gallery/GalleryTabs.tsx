"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import { useText } from "@/hooks/useText";
import { cn } from "@/lib/cn";

/** The two ways to look at what was made. */
export function GalleryTabs() {
  const text = useText("gallery");
  const pathname = usePathname();
  const tabs = [
    { href: "/gallery", label: text("pictures") },
    { href: "/collections", label: text("collections") },
  ];
  return (
    <nav aria-label={text("title")} className="flex items-center gap-4">
      {tabs.map(({ href, label }) => (
        <Link
          key={href}
          href={href}
          aria-current={pathname === href ? "page" : undefined}
          className={cn(
            "rounded-md py-1 text-2xl font-semibold tracking-tight transition-colors duration-150",
            pathname === href ? "text-foreground" : "text-subtle hover:text-foreground",
          )}
        >
          {label}
        </Link>
      ))}
    </nav>
  );
}
