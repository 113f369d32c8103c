"use client";

import { Images, Paintbrush, SlidersHorizontal } from "lucide-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { useText } from "@/hooks/useText";
import { cn } from "@/lib/cn";

const PLACES = [
  { href: "/", key: "studio", Icon: Paintbrush, beside: [] },
  { href: "/generate", key: "generate", Icon: SlidersHorizontal, beside: [] },
  { href: "/gallery", key: "gallery", Icon: Images, beside: ["/collections"] },
] as const;

export function Navigation() {
  const text = useText("shell");
  const pathname = usePathname();
  return (
    <nav aria-label={text("mainNavigation")} className="flex items-center gap-0.5">
      {PLACES.map(({ href, key, Icon, beside }) => {
        const current = pathname === href || beside.some((path) => path === pathname);
        return (
          <Link
            key={href}
            href={href}
            aria-current={current ? (pathname === href ? "page" : "true") : undefined}
            className={cn(
              "inline-flex h-10 items-center gap-2 rounded-full px-3 text-sm font-medium transition-colors duration-150 sm:px-3.5",
              current ? "text-foreground" : "text-subtle hover:text-foreground",
            )}
          >
            <Icon aria-hidden className={cn("size-[18px] sm:hidden", current && "text-accent-text")} />
            <span className="sr-only sm:not-sr-only">{text(key)}</span>
          </Link>
        );
      })}
    </nav>
  );
}
