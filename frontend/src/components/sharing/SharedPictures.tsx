import { Picture } from "@/components/ui/Picture";
import type { SharedImage } from "@/lib/contract";

/** What a link shows. Rows by flexbox alone: such a page has no script to wait for. */
export function SharedPictures({ images, label, nameOf }: { images: readonly SharedImage[]; label: string; nameOf: (number: number) => string }) {
  return (
    <ul aria-label={label} className="flex flex-wrap gap-2 [--row:10.75rem] sm:gap-3 sm:[--row:16rem]">
      {images.map((image, index) => {
        const shape = image.width / image.height;
        return (
          <li
            key={image.ref}
            style={{ flexGrow: shape, flexBasis: `calc(var(--row) * ${shape.toFixed(4)})`, maxWidth: `calc(32rem * ${shape.toFixed(4)})` }}
            className="min-w-0"
          >
            <a href={image.url} className="block rounded-card">
              <Picture
                src={images.length === 1 ? image.url : image.thumbnail_url}
                alt={nameOf(index + 1)}
                width={image.width}
                height={image.height}
                placeholder={image.placeholder}
                eager={index < 12}
                className="rounded-card"
              />
            </a>
          </li>
        );
      })}
      <li aria-hidden className="h-0 grow-[1000] basis-0" />
    </ul>
  );
}
