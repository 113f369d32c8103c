import type { AuditAction, AuditEvent } from "./contract";
import type { Formats } from "./format";
import type { Text, TextKey } from "./text";

type Key = TextKey<"audit">;

/** The message of each action. One that the API has and this lacks fails the type check. */
const ACTIONS = {
  "account.registered": "accountRegistered",
  "account.deletion_asked": "accountDeletionAsked",
  "account.deletion_taken_back": "accountDeletionTakenBack",
  "account.deleted": "accountDeleted",
  "account.export_asked": "accountExportAsked",
  "session.started": "sessionStarted",
  "session.refused": "sessionRefused",
  "session.ended": "sessionEnded",
  "sessions.ended": "sessionsEnded",
  "session.refresh_token_reused": "tokenReused",
  "password.reset_asked": "passwordResetAsked",
  "password.reset": "passwordReset",
  "password.changed": "passwordChanged",
  "email.verified": "emailVerified",
  "second_factor.on": "factorOn",
  "second_factor.off": "factorOff",
  "second_factor.reset": "factorReset",
  "second_factor.taken": "factorTaken",
  "second_factor.refused": "factorRefused",
  "second_factor.recovery_codes_renewed": "factorCodesRenewed",
  "identity.linked": "identityLinked",
  "role.by_groups": "roleByGroups",
  "key.created": "keyCreated",
  "key.revoked": "keyRevoked",
  "organization.created": "organisationCreated",
  "organization.renamed": "organisationRenamed",
  "organization.deletion_asked": "organisationDeletionAsked",
  "organization.deletion_taken_back": "organisationDeletionTakenBack",
  "organization.deleted": "organisationDeleted",
  "organization.transferred": "organisationTransferred",
  "quota.changed": "quotaChanged",
  "organization.export_asked": "organizationExportAsked",
  "member.role_changed": "memberRoleChanged",
  "member.removed": "memberRemoved",
  "member.left": "memberLeft",
  "invitation.created": "invitationCreated",
  "invitation.sent_again": "invitationSentAgain",
  "invitation.revoked": "invitationRevoked",
  "invitation.accepted": "invitationAccepted",
  "share.created": "shareCreated",
  "share.revoked": "shareRevoked",
  "moderation_rule.created": "ruleCreated",
  "moderation_rule.changed": "ruleChanged",
  "moderation_rule.deleted": "ruleDeleted",
  "output_check.changed": "outputCheckChanged",
  "prompt.blocked": "promptBlocked",
  "prompt.flagged": "promptFlagged",
  "output.blocked": "outputBlocked",
  "output.flagged": "outputFlagged",
} as const satisfies Record<AuditAction, Key>;

export const AUDIT_ACTIONS = Object.keys(ACTIONS) as AuditAction[];

/** What was done, in words; an action of a newer server is shown as it calls it. */
export function actionText(action: string, text: Text<"audit">): string {
  return action in ACTIONS ? text(ACTIONS[action as AuditAction]) : action;
}

const FIELDS = {
  name: "fieldName",
  email: "fieldEmail",
  role: "fieldRole",
  due: "fieldDue",
  because: "fieldBecause",
  sessions: "fieldSessions",
  ended_sessions: "fieldSessions",
  provider: "fieldProvider",
  subject: "fieldSubject",
  by: "fieldBy",
  giver: "fieldGiver",
  heir: "fieldHeir",
  kind: "fieldKind",
  pattern: "fieldPattern",
  action: "fieldAction",
  note: "fieldNote",
  url: "fieldUrl",
  when_away: "fieldWhenAway",
  expires_at: "fieldExpires",
  prefix: "fieldPrefix",
  scopes: "fieldScopes",
  user_id: "fieldUser",
  image: "fieldImage",
  collection: "fieldCollection",
  decision: "fieldDecision",
  replaced: "fieldReplaced",
  monthly: "fieldMonthly",
  open_jobs: "fieldOpenJobs",
  member_monthly: "fieldMemberMonthly",
  member_open_jobs: "fieldMemberOpenJobs",
} as const satisfies Record<string, Key>;

const VALUES = {
  owner: "roleOwner",
  admin: "roleAdmin",
  member: "roleMember",
  viewer: "roleViewer",
  block: "valueBlock",
  flag: "valueFlag",
  allow: "valueAllow",
  words: "valueWords",
  regex: "valueRegex",
  account_deleted: "becauseAccountDeleted",
  ended_by_manager: "becauseManager",
  signed_out_at_provider: "becauseProvider",
  not_allowed_any_more: "becauseNotAllowed",
  password_changed: "becausePasswordChanged",
  password_reset: "becausePasswordReset",
  refresh_token_reused: "becauseTokenReused",
  second_factor_on: "becauseFactorOn",
  second_factor_reset: "becauseFactorReset",
  switched: "becauseSwitched",
} as const satisfies Record<string, Key>;
/** Of these fields a value may be a word of ours; a name that happens to be one is left alone. */
const WORDED = new Set(["role", "giver", "heir", "action", "kind", "when_away", "because"]);
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

function valueText(field: string, value: unknown, text: Text<"audit">, formats: Formats): string {
  if (value === null || value === undefined || value === "") return text("nothing");
  if (typeof value === "number") return formats.number(value);
  if (typeof value === "boolean") return text(value ? "yes" : "no");
  if (Array.isArray(value)) return value.map(String).join(", ");
  if (typeof value !== "string") return JSON.stringify(value);
  if (WORDED.has(field) && value in VALUES) return text(VALUES[value as keyof typeof VALUES]);
  return TIME.test(value) ? formats.dateTime(value) : value;
}

export interface Change {
  field: string;
  label: string;
  /** null: there was none, because it is new. */
  before: string | null;
  /** null: there is none any more. */
  after: string | null;
}

/** What an event changed, field by field; a field that stayed as it was is left out. */
export function changesOf({ before, after }: Pick<AuditEvent, "before" | "after">, text: Text<"audit">, formats: Formats): Change[] {
  const fields = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  const told = (side: AuditEvent["before"], field: string) =>
    side && field in side ? valueText(field, side[field], text, formats) : null;
  return fields
    .map((field) => ({
      field,
      label: field in FIELDS ? text(FIELDS[field as keyof typeof FIELDS]) : field,
      before: told(before, field),
      after: told(after, field),
    }))
    .filter((change) => change.before !== change.after);
}
