/** The API's shapes under the words that the studio uses; the shapes themselves are generated in types/. */
export type {
  AuthConfig,
  GenerateRequest,
  ImageOut as StoredImage,
  ImagePage,
  JobImage,
  JobOut as Job,
  JobParams,
  JobStatus,
  LoginRequest,
  MeResponse as Me,
  ModelLimitsOut as ModelLimits,
  ModelOut as Model,
  RegisterRequest,
  Visibility,
} from "@/types/types.gen";
