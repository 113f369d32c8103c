import type { Job, Model, StoredImage } from "@/lib/contract";

export function aJob(changes: Partial<Job> = {}): Job {
  return {
    job_id: "job-1",
    status: "QUEUED",
    progress: 0,
    queue_position: null,
    eta_seconds: null,
    prompt: "a red rocket",
    negative_prompt: null,
    params: { model: "easel-small", width: 64, height: 64, steps: 20, guidance: 4, seed: 7, num_images: 1 },
    images: [],
    image_url: null,
    error: null,
    attempt: 1,
    cost: 0.08,
    visibility: "private",
    created_at: "2026-11-24T03:00:00.000Z",
    started_at: null,
    finished_at: null,
    ...changes,
  };
}

export function aModel(changes: Partial<Model> = {}): Model {
  return {
    id: "easel-small",
    name: "Easel Small",
    default: true,
    loaded: true,
    defaults: { width: 64, height: 64, steps: 20, guidance: 4 },
    limits: {
      min_width: 64,
      max_width: 128,
      min_height: 64,
      max_height: 128,
      multiple_of: 8,
      min_steps: 4,
      max_steps: 100,
      min_guidance: 1,
      max_guidance: 15,
      max_images: 4,
      max_prompt_chars: 20,
      negative_prompt: true,
      sizes: [],
    },
    ...changes,
  };
}

export function anImage(changes: Partial<StoredImage> = {}): StoredImage {
  return {
    id: "image-1",
    job_id: "job-1",
    url: "/api/v1/files/image-1.png",
    thumbnail_url: "/api/v1/files/image-1.webp",
    thumbnails: [{ url: "/api/v1/files/image-1.webp", width: 64 }],
    width: 64,
    height: 64,
    size_bytes: 4_000,
    seed: 7,
    placeholder: "",
    prompt: "a red rocket",
    negative_prompt: null,
    model: "easel-small",
    steps: 20,
    guidance: 4,
    favorite: false,
    tags: [],
    visibility: "private",
    mine: true,
    created_at: "2026-11-24T03:00:00.000Z",
    ...changes,
  };
}
