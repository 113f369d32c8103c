import { JobSkeleton } from "@/components/status/JobSkeleton";

export default function JobLoading() {
  return <JobSkeleton />;
}
