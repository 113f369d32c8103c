import { SectionsSkeleton } from "@/components/shell/SectionsSkeleton";

/** Inside the organisation's frame, which has the heading and the tabs. */
export default function AdminLoading() {
  return <SectionsSkeleton />;
}
