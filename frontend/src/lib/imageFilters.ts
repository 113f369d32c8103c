/** The gallery's filters; the URL is where they live. */
export interface ImageFilters {
  q?: string;
  model?: string;
  favorite?: boolean;
  tag?: string;
  visibility?: "private" | "organization";
  collection?: string;
  sort?: "oldest" | "arranged";
  /** Days, as 2026-01-31. */
  after?: string;
  before?: string;
}

type Source = URLSearchParams | Record<string, string | string[] | undefined>;

const WORDS = ["q", "model", "tag"] as const;
const DAYS = ["after", "before"] as const;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

function first(source: Source, name: string): string | undefined {
  const value = source instanceof URLSearchParams ? source.get(name) : source[name];
  const text = (Array.isArray(value) ? value[0] : value)?.trim();
  return text === "" ? undefined : text;
}

/** What is no filter of ours is left out, so that any address shows something. */
export function readImageFilters(source: Source): ImageFilters {
  const filters: ImageFilters = {};
  for (const name of WORDS) {
    const value = first(source, name);
    if (value) filters[name] = value;
  }
  for (const name of DAYS) {
    const value = first(source, name);
    if (value && DAY.test(value) && !Number.isNaN(Date.parse(value))) filters[name] = value;
  }
  if (first(source, "favorite") === "true") filters.favorite = true;
  const visibility = first(source, "visibility");
  if (visibility === "private" || visibility === "organization") filters.visibility = visibility;
  const collection = first(source, "collection");
  if (collection && UUID.test(collection)) filters.collection = collection;
  const sort = first(source, "sort");
  if (sort === "oldest" || (sort === "arranged" && filters.collection)) filters.sort = sort;
  return filters;
}

export function writeImageFilters(filters: ImageFilters): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(filters)) if (value) params.set(name, String(value));
  params.sort();
  const text = params.toString();
  return text ? `?${text}` : "";
}

/** As the API takes them: days become times. */
export function filterQuery({ after, before, ...rest }: ImageFilters) {
  return {
    ...rest,
    ...(after ? { after: `${after}T00:00:00Z` } : {}),
    ...(before ? { before: `${before}T00:00:00Z` } : {}),
  };
}

/** Whether fewer pictures are shown than there are: order and place narrow nothing. */
export function hasFilters(filters: ImageFilters): boolean {
  return Object.keys(filters).some((name) => name !== "sort" && name !== "collection");
}
