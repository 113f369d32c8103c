import { account } from "./en/account";
import { admin } from "./en/admin";
import { archives } from "./en/archives";
import { audit } from "./en/audit";
import { auth } from "./en/auth";
import { collections } from "./en/collections";
import { common } from "./en/common";
import { gallery } from "./en/gallery";
import { generate } from "./en/generate";
import { images } from "./en/images";
import { invite } from "./en/invite";
import { jobs } from "./en/jobs";
import { moderation } from "./en/moderation";
import { problems } from "./en/problems";
import { proof } from "./en/proof";
import { settings } from "./en/settings";
import { sharing } from "./en/sharing";
import { shell } from "./en/shell";
import { studio } from "./en/studio";
import { yourData } from "./en/yourData";

/** Every feature's messages. English is the source: its keys and arguments are the types that components see. */
export const en = {
  account,
  admin,
  archives,
  audit,
  auth,
  collections,
  common,
  gallery,
  generate,
  images,
  invite,
  jobs,
  moderation,
  problems,
  proof,
  settings,
  sharing,
  shell,
  studio,
  yourData,
} as const;
