"use client";

import { CheckSquare, Search, SlidersHorizontal, Star, X } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { Menu } from "@/components/ui/Menu";
import type { MenuEntry } from "@/components/ui/menuTypes";
import { useModels } from "@/hooks/useModels";
import { useTags } from "@/hooks/useTags";
import { useText } from "@/hooks/useText";
import { cn } from "@/lib/cn";
import { daysAgo } from "@/lib/days";
import type { ImageFilters } from "@/lib/imageFilters";

const TYPING_MS = 250;
const ANY = "";
const PERIODS = [1, 7, 30, 365] as const;

/** Empty: no longer filtered by it. */
type Changes = { [Name in keyof ImageFilters]?: ImageFilters[Name] | "" };

export interface GalleryFiltersProps {
  filters: ImageFilters;
  onFilters: (filters: ImageFilters) => void;
  choosing: boolean;
  onChoosing: () => void;
}

export function GalleryFilters({ filters, onFilters, choosing, onChoosing }: GalleryFiltersProps) {
  const text = useText("gallery");
  const set = (changes: Changes) => {
    const next = Object.entries({ ...filters, ...changes }).filter(([, value]) => value);
    onFilters(Object.fromEntries(next));
  };
  const entries = useFilterEntries(filters, set);
  // A collection opens as it was arranged.
  const sorted = filters.sort !== undefined && filters.sort !== "arranged";
  const narrowed = [filters.tag, filters.visibility, filters.model, filters.after, filters.before].filter(Boolean).length;
  return (
    <div role="search" aria-label={text("pictures")} className="flex min-w-0 flex-1 items-center justify-end gap-1 max-sm:basis-full">
      <SearchField value={filters.q ?? ""} onValue={(q) => set({ q })} />
      <ToolButton label={text("favourites")} pressed={filters.favorite ?? false} onPress={() => set({ favorite: filters.favorite ? "" : true })}>
        <Star aria-hidden className={cn("size-4", filters.favorite && "fill-accent text-accent-text")} />
      </ToolButton>
      <Menu
        align="end"
        trigger={
          <button type="button" className={toolStyle(narrowed > 0 || sorted)}>
            <SlidersHorizontal aria-hidden className="size-4" />
            <span className="max-sm:sr-only">{narrowed > 0 ? text("filtersOn", { n: narrowed }) : text("filters")}</span>
          </button>
        }
        entries={entries}
      />
      <ToolButton label={text("select")} pressed={choosing} onPress={onChoosing}>
        <CheckSquare aria-hidden className="size-4" />
      </ToolButton>
    </div>
  );
}

function useFilterEntries(filters: ImageFilters, set: (changes: Changes) => void): MenuEntry[] {
  const text = useText("gallery");
  const { data: models = [] } = useModels();
  const { data: tags = [] } = useTags();
  const choices = (
    name: "visibility" | "sort" | "tag" | "model" | "after",
    label: string,
    options: { value: string; label: string; aside?: string }[],
  ): MenuEntry => ({
    type: "choices",
    label,
    value: filters[name] ?? ANY,
    onValue: (value) => set({ [name]: value }),
    choices: options,
  });
  const periods = PERIODS.map((days) => ({ value: daysAgo(days), label: text("lastDays", { n: days }) }));
  if (filters.after && !periods.some(({ value }) => value === filters.after)) periods.push({ value: filters.after, label: filters.after });
  const order = [
    { value: ANY, label: text("newest") },
    { value: "oldest", label: text("oldest") },
    ...(filters.collection ? [{ value: "arranged", label: text("arranged") }] : []),
  ];
  const whose = [
    { value: ANY, label: text(filters.collection ? "everything" : "mine") },
    { value: "private", label: text("onlyMine") },
    { value: "organization", label: text("shared") },
  ];
  const entries: MenuEntry[] = [choices("sort", text("order"), order), choices("visibility", text("whose"), whose)];
  entries.push(choices("after", text("made"), [{ value: ANY, label: text("anyTime") }, ...periods]));
  if (tags.length > 0) {
    const options = tags.slice(0, 30).map(({ tag, count }) => ({ value: tag, label: tag, aside: String(count) }));
    entries.push(choices("tag", text("tag"), [{ value: ANY, label: text("anyTag") }, ...options]));
  }
  if (models.length > 1) {
    const options = models.map(({ id, name }) => ({ value: id, label: name }));
    entries.push(choices("model", text("model"), [{ value: ANY, label: text("anyModel") }, ...options]));
  }
  return entries;
}

function toolStyle(on: boolean): string {
  return cn(
    "inline-flex h-10 shrink-0 items-center gap-2 rounded-full px-3 text-sm transition-colors duration-150",
    on ? "bg-accent-soft text-foreground" : "text-muted hover:bg-surface-hover hover:text-foreground",
  );
}

function ToolButton({ label, pressed, onPress, children }: { label: string; pressed: boolean; onPress: () => void; children: ReactNode }) {
  return (
    <button type="button" aria-pressed={pressed} onClick={onPress} className={toolStyle(pressed)}>
      {children}
      <span className="max-lg:sr-only">{label}</span>
    </button>
  );
}

function SearchField({ value, onValue }: { value: string; onValue: (value: string) => void }) {
  const text = useText("gallery");
  const [typed, setTyped] = useState(value);
  const [settled, setSettled] = useState(value);
  // The address changed otherwise (back, a cleared filter): the field follows.
  if (value !== settled) {
    setSettled(value);
    setTyped(value);
  }
  useEffect(() => {
    if (typed.trim() === settled) return;
    const timer = setTimeout(() => {
      setSettled(typed.trim());
      onValue(typed.trim());
    }, TYPING_MS);
    return () => clearTimeout(timer);
  });
  return (
    <div className="relative min-w-24 flex-1 sm:max-w-72">
      <Search aria-hidden className="pointer-events-none absolute start-3.5 top-1/2 size-4 -translate-y-1/2 text-subtle" />
      <input
        type="search"
        aria-label={text("search")}
        placeholder={text("search")}
        value={typed}
        maxLength={200}
        onChange={(event) => setTyped(event.target.value)}
        className="h-10 w-full rounded-full bg-surface-sunken ps-10 pe-9 text-sm placeholder:text-subtle [&::-webkit-search-cancel-button]:hidden"
      />
      {typed ? (
        <button
          type="button"
          aria-label={text("clearSearch")}
          onClick={() => setTyped("")}
          className="absolute end-2 top-1/2 grid size-7 -translate-y-1/2 place-items-center rounded-full text-subtle hover:text-foreground"
        >
          <X aria-hidden className="size-4" />
        </button>
      ) : null}
    </div>
  );
}
