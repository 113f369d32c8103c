/** A canvas on an easel, with something glowing in it. */
export function Logo({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 24 24" fill="none" aria-hidden className={className}>
      <path d="M12 2v2M8.4 16.5 6 22M15.6 16.5 18 22M12 16.5V20" stroke="currentColor" strokeWidth="1.8" strokeLinecap="round" />
      <rect x="3.5" y="4.5" width="17" height="12" rx="2.5" stroke="currentColor" strokeWidth="1.8" />
      <circle cx="12" cy="10.5" r="2.8" className="fill-accent" />
    </svg>
  );
}
