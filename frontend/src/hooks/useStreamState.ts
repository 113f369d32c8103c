import { useContext } from "react";
import { JobContext } from "@/context/JobContext";
import type { StreamState } from "@/lib/eventStream";

export function useStreamState(): StreamState {
  return useContext(JobContext);
}
