import { JobSkeleton } from "@/components/status/JobStatusView";

export default function JobLoading() {
  return <JobSkeleton />;
}
