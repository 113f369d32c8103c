export interface DayChartProps {
  label: string;
  /** One bar a day, in order; `text` is what a screen reader and the pointer are told. */
  days: readonly { day: string; value: number; text: string }[];
  /** What the first and the last day are called, below the bars. */
  ends: readonly [string, string];
}

/** Bars by day. Each bar is a list item with its words, so that nothing is said by height alone. */
export function DayChart({ label, days, ends }: DayChartProps) {
  const most = Math.max(...days.map(({ value }) => value), Number.MIN_VALUE);
  return (
    <div>
      <ul aria-label={label} className="flex h-28 items-end gap-px border-b border-border sm:gap-1">
        {days.map(({ day, value, text }) => (
          <li key={day} title={text} className="flex h-full min-w-0 flex-1 items-end">
            <span className="sr-only">{text}</span>
            <span
              aria-hidden
              className={value > 0 ? "w-full rounded-t-sm bg-accent" : "w-full bg-surface-hover"}
              style={{ height: value > 0 ? `max(${(value / most) * 100}%, 3px)` : "2px" }}
            />
          </li>
        ))}
      </ul>
      <p aria-hidden className="tabular mt-1.5 flex justify-between text-xs text-subtle">
        {[...new Set(ends)].map((end) => (
          <span key={end}>{end}</span>
        ))}
      </p>
    </div>
  );
}
