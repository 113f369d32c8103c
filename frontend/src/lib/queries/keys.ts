import type { AuditFilters } from "../auditFilters";
import type { ImageFilters } from "../imageFilters";

export const meKey = ["me"] as const;
export const tagsKey = ["tags"] as const;
export const shareLinksKey = ["share-links"] as const;
export const auditKey = (filters: AuditFilters) => ["audit", filters] as const;
export const modelsKey = ["models"] as const;

export const accountKeys = {
  all: ["account"] as const,
  sessions: () => ["account", "sessions"] as const,
  secondFactor: () => ["account", "second-factor"] as const,
  deletion: () => ["account", "deletion"] as const,
  proof: () => ["account", "proof"] as const,
  apiKeys: () => ["account", "api-keys"] as const,
};

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

export const organizationKeys = {
  members: () => ["organization", "members"] as const,
  invitations: () => ["organization", "invitations"] as const,
  limits: () => ["organization", "limits"] as const,
  current: () => ["organization", "current"] as const,
  deadLetters: () => ["organization", "dead-letters"] as const,
  queue: () => ["organization", "queue"] as const,
  workers: () => ["organization", "workers"] as const,
  usage: (everyones: boolean) => ["organization", "usage", everyones] as const,
};

export const collectionKeys = {
  all: ["collections"] as const,
  lists: () => ["collections", "list"] as const,
  detail: (collectionId: string) => ["collections", "detail", collectionId] as const,
};

export const moderationKeys = {
  rules: () => ["moderation", "rules"] as const,
  outputCheck: () => ["moderation", "output-check"] as const,
  decisions: (verdict: string | undefined) => ["moderation", "decisions", verdict] as const,
};
