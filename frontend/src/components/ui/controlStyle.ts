/** How every control that takes text looks. */
export const controlStyle =
  "rounded-xl border border-border-strong bg-surface px-3.5 text-[15px] text-foreground placeholder:text-subtle transition-colors duration-150 hover:border-foreground aria-invalid:border-danger disabled:opacity-50";
