"use client";

import { Images, Paintbrush, SlidersHorizontal } from "lucide-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { cn } from "@/lib/cn";

const PLACES = [
  { href: "/", label: "Studio", Icon: Paintbrush },
  { href: "/generate", label: "Generate", Icon: SlidersHorizontal },
  { href: "/gallery", label: "Gallery", Icon: Images },
];

export function Navigation() {
  const pathname = usePathname();
  return (
    <nav aria-label="Main" className="flex items-center gap-0.5">
      {PLACES.map(({ href, label, Icon }) => {
        const current = pathname === href;
        return (
          <Link
            key={href}
            href={href}
            aria-current={current ? "page" : undefined}
            className={cn(
              "inline-flex h-10 items-center gap-2 rounded-full px-3 text-sm font-medium transition-colors duration-150 sm:px-3.5",
              current ? "text-foreground" : "text-subtle hover:text-foreground",
            )}
          >
            <Icon aria-hidden className={cn("size-[18px] sm:hidden", current && "text-accent-text")} />
            <span className="sr-only sm:not-sr-only">{label}</span>
          </Link>
        );
      })}
    </nav>
  );
}
