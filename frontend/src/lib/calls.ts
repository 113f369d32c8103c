/** What changes something on the server, one function a call; what only reads is in queries/. */
import {
  cancelJob as cancelJobCall,
  deleteImage as deleteImageCall,
  generate,
  login,
  logout,
  register,
  retryJob as retryJobCall,
  updateImage as updateImageCall,
} from "@/types/sdk.gen";
import { apiClient as client } from "./apiClient";
import type { GenerateRequest, Job, LoginRequest, RegisterRequest, StoredImage, Visibility } from "./contract";

const how = { client, throwOnError: true } as const;

/** The same key sent again finds the same job, so this may be repeated when the network failed. */
export async function createJob(body: GenerateRequest, idempotencyKey: string): Promise<Job> {
  return (await generate({ ...how, body, headers: { "Idempotency-Key": idempotencyKey } })).data;
}

export async function cancelJob(jobId: string): Promise<Job> {
  return (await cancelJobCall({ ...how, path: { job_id: jobId } })).data;
}

export async function retryJob(jobId: string): Promise<Job> {
  return (await retryJobCall({ ...how, path: { job_id: jobId } })).data;
}

export async function updateImage(
  imageId: string,
  body: { favorite?: boolean; visibility?: Visibility; tags?: string[] },
): Promise<StoredImage> {
  return (await updateImageCall({ ...how, path: { image_id: imageId }, body })).data;
}

export async function deleteImage(imageId: string): Promise<void> {
  await deleteImageCall({ ...how, path: { image_id: imageId } });
}

export async function signIn(body: LoginRequest): Promise<void> {
  await login({ ...how, body });
}

export async function createAccount(body: RegisterRequest): Promise<void> {
  await register({ ...how, body });
}

export async function signOut(everywhere: boolean): Promise<void> {
  await logout({ ...how, query: everywhere ? { all: true } : {} });
}
