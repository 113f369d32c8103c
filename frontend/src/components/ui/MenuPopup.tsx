"use client";

import { Menu as Base } from "@base-ui/react/menu";
import { Check } from "lucide-react";
import Link from "next/link";
import { useText } from "@/hooks/useText";
import type { MenuEntry, MenuProps } from "./menuTypes";

const itemStyle =
  "flex min-h-9 cursor-default select-none items-center gap-2.5 rounded-lg px-2.5 py-1.5 text-sm outline-none data-highlighted:bg-surface-hover data-disabled:opacity-50 [&_svg]:size-4 [&_svg]:shrink-0";

/** The open menu; Menu puts it in the place of its button at the first click. */
export function MenuPopup({ trigger, entries, align = "start", side = "bottom" }: MenuProps) {
  const text = useText("common");
  return (
    <Base.Root defaultOpen>
      <Base.Trigger render={trigger} />
      <Base.Portal role="region" aria-label={text("menu")}>
        <Base.Positioner sideOffset={8} align={align} side={side} className="z-50 outline-none">
          <Base.Popup className="max-h-(--available-height) min-w-48 origin-[var(--transform-origin)] overflow-y-auto rounded-2xl border border-border bg-surface p-1.5 text-foreground shadow-lift outline-none transition-[scale,opacity] duration-100 data-ending-style:scale-[0.98] data-ending-style:opacity-0 data-starting-style:scale-[0.98] data-starting-style:opacity-0">
            {entries.map((entry, index) => (
              <Entry key={index} entry={entry} />
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

function Entry({ entry }: { entry: MenuEntry }) {
  switch (entry.type) {
    case "note":
      return (
        <div className="max-w-64 px-2.5 pt-1.5 pb-2">
          <p className="truncate text-sm font-medium">{entry.title}</p>
          <p className="truncate text-[13px] text-subtle">{entry.text}</p>
        </div>
      );
    case "item":
      return (
        <Base.Item onClick={entry.onSelect} className={itemStyle}>
          {entry.icon}
          {entry.label}
        </Base.Item>
      );
    case "link":
      return (
        <Base.LinkItem closeOnClick href={entry.href} render={<Link href={entry.href} />} className={itemStyle}>
          {entry.icon}
          {entry.label}
        </Base.LinkItem>
      );
    case "choices":
      return <Choices {...entry} />;
    case "separator":
      return <Base.Separator className="my-1.5 h-px bg-border" />;
  }
}

function Choices({ label, value, onValue, choices }: Extract<MenuEntry, { type: "choices" }>) {
  return (
    <Base.Group>
      <Base.GroupLabel className="px-2.5 pt-1.5 pb-1 text-xs text-subtle">{label}</Base.GroupLabel>
      <Base.RadioGroup value={value} onValueChange={(next: unknown) => onValue(String(next))}>
        {choices.map((choice) => (
          <Base.RadioItem key={choice.value} value={choice.value} closeOnClick className={itemStyle}>
            {choice.icon}
            <span lang={choice.lang} className="flex-1">{choice.label}</span>
            {choice.aside ? <span className="tabular text-[13px] text-subtle">{choice.aside}</span> : null}
            <span className="size-4">
              <Base.RadioItemIndicator>
                <Check aria-hidden className="text-accent-text" />
              </Base.RadioItemIndicator>
            </span>
          </Base.RadioItem>
        ))}
      </Base.RadioGroup>
    </Base.Group>
  );
}
