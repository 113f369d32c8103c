import { LoadingHeading } from "@/components/shell/LoadingHeading";
import { FeedSkeleton } from "@/components/studio/FeedSkeleton";

export default function StudioLoading() {
  return (
    <div className="mx-auto w-full max-w-[57rem] px-4 pt-44 sm:px-6">
      <LoadingHeading />
      <FeedSkeleton />
    </div>
  );
}
