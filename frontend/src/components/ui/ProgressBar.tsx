import { percent } from "@/lib/format";

export function ProgressBar({ value, label }: { value: number; label: string }) {
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent(value)}
      className="h-1 w-full overflow-hidden rounded-full bg-surface-hover"
    >
      <div
        className="h-full origin-left rounded-full bg-accent transition-transform duration-200 ease-out"
        style={{ transform: `scaleX(${Math.min(Math.max(value, 0), 1)})` }}
      />
    </div>
  );
}
