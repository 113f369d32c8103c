/** What changes one's own account, one function a call. */
import {
  changePassword as changePasswordCall,
  confirmSecondFactor as confirmSecondFactorCall,
  createKey as createKeyCall,
  deleteAccount as deleteAccountCall,
  endSession as endSessionCall,
  enrolSecondFactor as enrolSecondFactorCall,
  exportAccount,
  forgotPassword as forgotPasswordCall,
  loginSecondStep,
  renewRecoveryCodes as renewRecoveryCodesCall,
  resetPassword as resetPasswordCall,
  restoreAccount as restoreAccountCall,
  revokeKey as revokeKeyCall,
  sendVerificationMail as sendVerificationMailCall,
  turnOffSecondFactor as turnOffSecondFactorCall,
  verifyEmail as verifyEmailCall,
} from "@/types/sdk.gen";
import { apiClient as client } from "./apiClient";
import type { ApiKeyCreated, NewApiKey, SecondFactorEnrolment } from "./contract";
import { type Proof, sentProof } from "./proof";

const how = { client, throwOnError: true } as const;

/** The second step of signing in; the token is of the first one's answer. */
export async function signInSecondStep(token: string, code: string): Promise<void> {
  await loginSecondStep({ ...how, body: { token, code } });
}

export async function forgotPassword(email: string): Promise<void> {
  await forgotPasswordCall({ ...how, body: { email } });
}

export async function resetPassword(token: string, password: string): Promise<void> {
  await resetPasswordCall({ ...how, body: { token, password } });
}

export async function changePassword(currentPassword: string, newPassword: string): Promise<void> {
  await changePasswordCall({ ...how, body: { current_password: currentPassword, new_password: newPassword } });
}

export async function verifyEmail(token: string): Promise<void> {
  await verifyEmailCall({ ...how, body: { token } });
}

export async function sendVerificationMail(): Promise<void> {
  await sendVerificationMailCall(how);
}

export async function enrolSecondFactor(password: string): Promise<SecondFactorEnrolment> {
  return (await enrolSecondFactorCall({ ...how, body: { password } })).data;
}

/** The recovery codes, told this once. */
export async function confirmSecondFactor(code: string): Promise<string[]> {
  return (await confirmSecondFactorCall({ ...how, body: { code } })).data.codes;
}

export async function renewRecoveryCodes(password: string, code: string): Promise<string[]> {
  return (await renewRecoveryCodesCall({ ...how, body: { password, code } })).data.codes;
}

export async function turnOffSecondFactor(password: string, code: string): Promise<void> {
  await turnOffSecondFactorCall({ ...how, body: { password, code } });
}

export async function endSession(sessionId: string): Promise<void> {
  await endSessionCall({ ...how, path: { session_id: sessionId } });
}

export async function createKey(body: NewApiKey): Promise<ApiKeyCreated> {
  return (await createKeyCall({ ...how, body })).data;
}

export async function revokeKey(keyId: string): Promise<void> {
  await revokeKeyCall({ ...how, path: { key_id: keyId } });
}

/** All that is kept about oneself; `archivesQuery` follows it. */
export async function packMyData(): Promise<void> {
  await exportAccount(how);
}

/** Not at once: until the time that it returns, `keepAccount` takes it back. What the account lacks is left empty. */
export async function deleteAccount(proof: Proof): Promise<string> {
  return (await deleteAccountCall({ ...how, body: sentProof(proof) })).data.deletion_due_at;
}

/** The token is of the mail's link, or of the `account_closing` that signing in answers. */
export async function keepAccount(token: string): Promise<void> {
  await restoreAccountCall({ ...how, body: { token } });
}
