import { GallerySkeleton } from "@/components/gallery/GalleryGrid";

export default function GalleryLoading() {
  return (
    <div className="mx-auto w-full max-w-[100rem] px-3 pt-24 sm:px-6">
      <GallerySkeleton />
    </div>
  );
}
