"use client";

import { Search, Star, X } from "lucide-react";
import { useEffect, useState } from "react";
import { Chip } from "@/components/ui/Chip";
import { Menu } from "@/components/ui/Menu";
import { useModels } from "@/hooks/useModels";
import { cn } from "@/lib/cn";
import type { ImageFilters } from "@/lib/imageFilters";

const TYPING_MS = 250;
const ANY = "";

export interface GalleryFiltersProps {
  filters: ImageFilters;
  onFilters: (filters: ImageFilters) => void;
}

export function GalleryFilters({ filters, onFilters }: GalleryFiltersProps) {
  const { data: models = [] } = useModels();
  const set = (changes: ImageFilters) => {
    const next = Object.entries({ ...filters, ...changes }).filter(([, value]) => value);
    onFilters(Object.fromEntries(next));
  };
  return (
    <div role="search" aria-label="Pictures" className="flex min-w-0 flex-1 items-center justify-end gap-1.5 max-sm:basis-full">
      <SearchField value={filters.q ?? ""} onValue={(q) => set({ q })} />
      {models.length > 1 ? (
        <Menu
          align="end"
          trigger={<Chip label="Model">{models.find(({ id }) => id === filters.model)?.name ?? "Any model"}</Chip>}
          entries={[
            {
              type: "choices",
              label: "Model",
              value: filters.model ?? ANY,
              onValue: (model) => set({ model }),
              choices: [{ value: ANY, label: "Any model" }, ...models.map(({ id, name }) => ({ value: id, label: name }))],
            },
          ]}
        />
      ) : null}
      <button
        type="button"
        aria-pressed={filters.favorite ?? false}
        onClick={() => set({ favorite: !filters.favorite })}
        className={cn(
          "inline-flex h-10 items-center gap-2 rounded-full px-3.5 text-sm transition-colors duration-150",
          filters.favorite ? "bg-accent-soft text-foreground" : "text-muted hover:bg-surface-hover hover:text-foreground",
        )}
      >
        <Star aria-hidden className={cn("size-4", filters.favorite && "fill-accent text-accent-text")} />
        <span className="max-sm:sr-only">Favourites</span>
      </button>
    </div>
  );
}

function SearchField({ value, onValue }: { value: string; onValue: (value: string) => void }) {
  const [text, setText] = useState(value);
  const [settled, setSettled] = useState(value);
  // The address changed otherwise (back, a cleared filter): the field follows.
  if (value !== settled) {
    setSettled(value);
    setText(value);
  }
  useEffect(() => {
    if (text.trim() === settled) return;
    const timer = setTimeout(() => {
      setSettled(text.trim());
      onValue(text.trim());
    }, TYPING_MS);
    return () => clearTimeout(timer);
  });
  return (
    <div className="relative min-w-32 flex-1 sm:max-w-72">
      <Search aria-hidden className="pointer-events-none absolute top-1/2 left-3.5 size-4 -translate-y-1/2 text-subtle" />
      <input
        type="search"
        aria-label="Search prompts"
        placeholder="Search prompts"
        value={text}
        onChange={(event) => setText(event.target.value)}
        className="h-10 w-full rounded-full bg-surface-sunken pr-9 pl-10 text-sm placeholder:text-subtle [&::-webkit-search-cancel-button]:hidden"
      />
      {text ? (
        <button
          type="button"
          aria-label="Clear the search"
          onClick={() => setText("")}
          className="absolute top-1/2 right-2 grid size-7 -translate-y-1/2 place-items-center rounded-full text-subtle hover:text-foreground"
        >
          <X aria-hidden className="size-4" />
        </button>
      ) : null}
    </div>
  );
}
