import type { ProofWanted } from "./contract";

/** What somebody types to prove that it is really they; what was not asked for stays empty. */
export interface Proof {
  password: string;
  code: string;
}

/** What this person's account has, as the API says. */
export function asksOf(wanted: ProofWanted): (keyof Proof)[] {
  const asks: (keyof Proof)[] = [];
  if (wanted.needs_password) asks.push("password");
  if (wanted.needs_code) asks.push("code");
  return asks;
}

export function sentProof({ password, code }: Proof) {
  return { password: password || null, code: code || null };
}
