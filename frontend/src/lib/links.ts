import { API_V1 } from "./constants";

export function statusPath(jobId: string): string {
  return `/status/${jobId}`;
}

/** Redirects to a fresh signed address: for when the one at hand has run out. */
export function imageFileUrl(imageId: string): string {
  return `${API_V1}/images/${imageId}/file`;
}
