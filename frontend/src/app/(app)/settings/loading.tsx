import { LoadingHeading } from "@/components/shell/LoadingHeading";
import { SectionsSkeleton } from "@/components/shell/SectionsSkeleton";
import { Skeleton } from "@/components/ui/Skeleton";

export default function SettingsLoading() {
  return (
    <div className="mx-auto w-full max-w-4xl px-4 pt-6 pb-16 sm:px-6 sm:pt-10">
      <LoadingHeading />
      <Skeleton className="mb-8 h-8 w-48" />
      <SectionsSkeleton />
    </div>
  );
}
