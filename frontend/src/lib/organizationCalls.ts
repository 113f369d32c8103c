/** What changes an organisation, its members and invitations, one function a call. */
import {
  acceptInvitation,
  changeLimits as changeLimitsCall,
  changeMemberRole,
  createInvitation,
  createOrganization,
  deleteOrganization,
  endMemberSessions,
  exportOrganization,
  leaveOrganization,
  removeMember as removeMemberCall,
  renameOrganization,
  resetMemberSecondFactor,
  restoreOrganization,
  retryDeadLetter as retryDeadLetterCall,
  revokeInvitation,
  sendInvitationAgain as sendInvitationAgainCall,
  switchOrganization,
  transferOrganization,
} from "@/types/sdk.gen";
import { apiClient as client } from "./apiClient";
import type { Invited, LimitsPatch, NewInvitation, Organization, Role } from "./contract";
import { type Proof, sentProof } from "./proof";

const how = { client, throwOnError: true } as const;

export async function goTo(organizationId: string): Promise<void> {
  await switchOrganization({ ...how, path: { organization_id: organizationId } });
}

export async function leave(organizationId: string): Promise<void> {
  await leaveOrganization({ ...how, path: { organization_id: organizationId } });
}

/** The founder owns it, and stays signed in where they are. */
export async function found(name: string): Promise<Organization> {
  return (await createOrganization({ ...how, body: { name } })).data;
}

/** Another member becomes the owner, the caller an admin. */
export async function handOn(organizationId: string, memberId: string, proof: Proof): Promise<void> {
  await transferOrganization({ ...how, path: { organization_id: organizationId }, body: { member_id: memberId, ...sentProof(proof) } });
}

/** Not at once: until it is due, `keepOrganization` takes it back. The name is typed by whoever asks. */
export async function closeOrganization(organizationId: string, name: string, proof: Proof): Promise<void> {
  await deleteOrganization({ ...how, path: { organization_id: organizationId }, body: { name, ...sentProof(proof) } });
}

/** All of it, as the caller may see it; `archivesQuery` follows it. */
export async function packOrganization(): Promise<void> {
  await exportOrganization(how);
}

export async function keepOrganization(organizationId: string): Promise<void> {
  await restoreOrganization({ ...how, path: { organization_id: organizationId } });
}

export async function rename(name: string): Promise<void> {
  await renameOrganization({ ...how, body: { name } });
}

export async function setRole(memberId: string, role: Role): Promise<void> {
  await changeMemberRole({ ...how, path: { member_id: memberId }, body: { role } });
}

export async function removeMember(memberId: string): Promise<void> {
  await removeMemberCall({ ...how, path: { member_id: memberId } });
}

/** Everywhere; they may sign in again. */
export async function signOutMember(memberId: string): Promise<void> {
  await endMemberSessions({ ...how, path: { member_id: memberId } });
}

export async function resetSecondFactor(memberId: string): Promise<void> {
  await resetMemberSecondFactor({ ...how, path: { member_id: memberId } });
}

export async function invite(body: NewInvitation): Promise<Invited> {
  return (await createInvitation({ ...how, body })).data;
}

export async function takeBackInvitation(invitationId: string): Promise<void> {
  await revokeInvitation({ ...how, path: { invitation_id: invitationId } });
}

/** By another mail with a new link; the one before opens nothing any more. */
export async function sendInvitationAgain(invitationId: string): Promise<Invited> {
  return (await sendInvitationAgainCall({ ...how, path: { invitation_id: invitationId } })).data;
}

export async function join(token: string): Promise<void> {
  await acceptInvitation({ ...how, body: { token } });
}

export async function changeLimits(body: LimitsPatch): Promise<void> {
  await changeLimitsCall({ ...how, body });
}

/** The same once more, for the person whose job it was. */
export async function retryDeadLetter(jobId: string): Promise<void> {
  await retryDeadLetterCall({ ...how, path: { job_id: jobId } });
}
