"use client";

import { lazy } from "react";
import { Later } from "@/components/ui/Later";
import { Section } from "@/components/ui/Section";
import { useMe } from "@/hooks/useMe";
import { useText } from "@/hooks/useText";
import { Members } from "./Members";

const DeleteOrganisation = lazy(() => import("./DeleteOrganisation").then((module) => ({ default: module.DeleteOrganisation })));
const HandOn = lazy(() => import("./HandOn").then((module) => ({ default: module.HandOn })));
const Invitations = lazy(() => import("./Invitations").then((module) => ({ default: module.Invitations })));
const LimitsForm = lazy(() => import("./LimitsForm").then((module) => ({ default: module.LimitsForm })));
const OrganisationArchive = lazy(() => import("./OrganisationArchive").then((module) => ({ default: module.OrganisationArchive })));
const RenameForm = lazy(() => import("./RenameForm").then((module) => ({ default: module.RenameForm })));
const UsageByPerson = lazy(() => import("./UsageByPerson").then((module) => ({ default: module.UsageByPerson })));

/** Who belongs here, what they may use, and the organisation itself. */
export function PeopleView() {
  const text = useText("admin");
  const { data: me } = useMe();
  if (!me) return null;
  const { organization } = me;
  const { role } = organization;
  return (
    <>
      <Section title={text("members")} lead={text("membersLead")}>
        <Members myRole={role} />
      </Section>
      <Section title={text("invitations")} lead={text("invitationsLead")}>
        <Later className="h-49 sm:h-28">
          <Invitations myRole={role} />
        </Later>
      </Section>
      <Section title={text("limits")} lead={text("limitsLead")}>
        <Later className="h-75">
          <LimitsForm />
        </Later>
      </Section>
      <Section title={text("usage")} lead={text("usageLead")}>
        <Later className="h-58">
          <UsageByPerson />
        </Later>
      </Section>
      <Section title={text("general")} lead={text("generalLead")}>
        <Later className="h-18">
          <RenameForm key={organization.id} name={organization.name} />
        </Later>
      </Section>
      <Section title={text("archive")} lead={text("archiveLead")}>
        <Later className="h-28">
          <OrganisationArchive />
        </Later>
      </Section>
      {role === "owner" ? (
        <>
          <Section title={text("handOn")} lead={text("handOnLead")}>
            <Later className="h-18">
              <HandOn organization={organization} />
            </Later>
          </Section>
          <Section title={text("delete")} lead={text("deleteLead")}>
            <Later className="h-10">
              <DeleteOrganisation organization={organization} />
            </Later>
          </Section>
        </>
      ) : null}
    </>
  );
}
