import type { ImageFilters } from "../imageFilters";

export const meKey = ["me"] as const;
export const modelsKey = ["models"] as const;

export const jobKeys = {
  all: ["jobs"] as const,
  feed: () => ["jobs", "feed"] as const,
  details: () => ["jobs", "detail"] as const,
  detail: (jobId: string) => ["jobs", "detail", jobId] as const,
};

export const imageKeys = {
  all: ["images"] as const,
  lists: () => ["images", "list"] as const,
  list: (filters: ImageFilters) => ["images", "list", filters] as const,
  detail: (imageId: string) => ["images", "detail", imageId] as const,
};
