import { Skeleton } from "@/components/ui/Skeleton";

const SECTIONS = [0, 1, 2, 3];

/** Sections (components/ui/Section) that are on their way. */
export function SectionsSkeleton() {
  return SECTIONS.map((section) => (
    <div key={section} className="grid gap-x-12 gap-y-4 border-t border-border py-8 sm:grid-cols-[14rem_minmax(0,1fr)]">
      <div className="flex flex-col gap-2">
        <Skeleton className="h-5 w-32" />
        <Skeleton className="h-4 w-44" />
      </div>
      <Skeleton className="h-20" />
    </div>
  ));
}
