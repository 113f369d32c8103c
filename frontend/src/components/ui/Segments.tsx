import { cn } from "@/lib/cn";

export interface SegmentsProps {
  label: string;
  /** None: not known yet. */
  value: string | undefined;
  onValue: (value: string) => void;
  choices: readonly { value: string; label: string; lang?: string }[];
}

/** A few choices side by side, one of them chosen. */
export function Segments({ label, value, onValue, choices }: SegmentsProps) {
  return (
    <div role="group" aria-label={label} className="inline-flex gap-1 rounded-full bg-surface-sunken p-1">
      {choices.map((choice) => {
        const chosen = choice.value === value;
        return (
          <button
            key={choice.value}
            type="button"
            lang={choice.lang}
            aria-pressed={chosen}
            onClick={() => onValue(choice.value)}
            className={cn(
              "h-9 rounded-full px-3 text-sm whitespace-nowrap sm:px-4 transition-colors duration-150",
              chosen ? "bg-surface text-foreground shadow-lift dark:bg-surface-hover" : "text-muted hover:text-foreground",
            )}
          >
            {choice.label}
          </button>
        );
      })}
    </div>
  );
}
