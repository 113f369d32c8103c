import { LoadingHeading } from "@/components/shell/LoadingHeading";
import { Skeleton } from "@/components/ui/Skeleton";

export default function GenerateLoading() {
  return (
    <div className="mx-auto flex w-full max-w-3xl flex-col gap-8 px-4 pt-6 pb-16 sm:px-6 sm:pt-10">
      <LoadingHeading />
      <Skeleton className="h-8 w-48" />
      <Skeleton className="h-24" />
      <Skeleton className="h-24" />
      <Skeleton className="h-40" />
    </div>
  );
}
