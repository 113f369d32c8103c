import { GallerySkeleton } from "@/components/gallery/GallerySkeleton";
import { LoadingHeading } from "@/components/shell/LoadingHeading";

export default function CollectionsLoading() {
  return (
    <div className="mx-auto w-full max-w-[100rem] px-3 pt-24 sm:px-6">
      <LoadingHeading />
      <GallerySkeleton />
    </div>
  );
}
