/** The gallery's filters; the URL is where they live. */
export interface ImageFilters {
  q?: string;
  model?: string;
  favorite?: boolean;
}

type Source = URLSearchParams | Record<string, string | string[] | undefined>;

function first(source: Source, name: string): string | undefined {
  const value = source instanceof URLSearchParams ? source.get(name) : source[name];
  const text = (Array.isArray(value) ? value[0] : value)?.trim();
  return text === "" ? undefined : text;
}

export function readImageFilters(source: Source): ImageFilters {
  const filters: ImageFilters = {};
  const q = first(source, "q");
  const model = first(source, "model");
  if (q) filters.q = q;
  if (model) filters.model = model;
  if (first(source, "favorite") === "true") filters.favorite = true;
  return filters;
}

export function writeImageFilters(filters: ImageFilters): string {
  const params = new URLSearchParams();
  if (filters.q) params.set("q", filters.q);
  if (filters.model) params.set("model", filters.model);
  if (filters.favorite) params.set("favorite", "true");
  const text = params.toString();
  return text ? `?${text}` : "";
}

export function hasFilters(filters: ImageFilters): boolean {
  return Object.keys(filters).length > 0;
}
