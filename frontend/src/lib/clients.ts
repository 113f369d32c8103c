export type { Client as ApiClient } from "@/types/client";
