/** What changes something on the server, one function a call; what only reads is in queries/. */
import {
  cancelExport as cancelExportCall,
  cancelJob as cancelJobCall,
  changeCollectionImages as changeCollectionImagesCall,
  changeImages as changeImagesCall,
  createCollection as createCollectionCall,
  createShareLink as createShareLinkCall,
  deleteCollection as deleteCollectionCall,
  deleteImage as deleteImageCall,
  exportImages as exportImagesCall,
  generate,
  login,
  logout,
  register,
  retryJob as retryJobCall,
  revokeShareLink as revokeShareLinkCall,
  updateCollection as updateCollectionCall,
  updateImage as updateImageCall,
} from "@/types/sdk.gen";
import { apiClient as client } from "./apiClient";
import type {
  BulkChange,
  BulkResult,
  Collection,
  CollectionChanged,
  CollectionPatch,
  GenerateRequest,
  Export,
  Job,
  LoginRequest,
  NewShareLink,
  RegisterRequest,
  ShareLinkCreated,
  StoredImage,
  Visibility,
} from "./contract";

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

export type { BulkChange };

export async function changeImages(body: BulkChange): Promise<BulkResult> {
  return (await changeImagesCall({ ...how, body })).data;
}

export async function exportImages(body: { image_ids: string[] } | { collection_id: string }): Promise<Export> {
  return (await exportImagesCall({ ...how, body })).data;
}

export async function cancelExport(exportId: string): Promise<void> {
  await cancelExportCall({ ...how, path: { export_id: exportId } });
}

export async function createCollection(body: { name: string; image_ids: string[] }): Promise<Collection> {
  return (await createCollectionCall({ ...how, body })).data;
}

export async function updateCollection(collectionId: string, body: CollectionPatch): Promise<Collection> {
  return (await updateCollectionCall({ ...how, path: { collection_id: collectionId }, body })).data;
}

export async function deleteCollection(collectionId: string): Promise<void> {
  await deleteCollectionCall({ ...how, path: { collection_id: collectionId } });
}

export async function changeCollectionImages(collectionId: string, body: { add: string[]; remove: string[] }): Promise<CollectionChanged> {
  return (await changeCollectionImagesCall({ ...how, path: { collection_id: collectionId }, body })).data;
}

export async function createShareLink(body: NewShareLink): Promise<ShareLinkCreated> {
  return (await createShareLinkCall({ ...how, body })).data;
}

export async function revokeShareLink(shareId: string): Promise<void> {
  await revokeShareLinkCall({ ...how, path: { share_id: shareId } });
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
