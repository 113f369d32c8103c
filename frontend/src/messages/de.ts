import { account } from "./de/account";
import { admin } from "./de/admin";
import { archives } from "./de/archives";
import { audit } from "./de/audit";
import { auth } from "./de/auth";
import { collections } from "./de/collections";
import { common } from "./de/common";
import { gallery } from "./de/gallery";
import { generate } from "./de/generate";
import { images } from "./de/images";
import { invite } from "./de/invite";
import { jobs } from "./de/jobs";
import { moderation } from "./de/moderation";
import { problems } from "./de/problems";
import { proof } from "./de/proof";
import { settings } from "./de/settings";
import { sharing } from "./de/sharing";
import { shell } from "./de/shell";
import { studio } from "./de/studio";
import { yourData } from "./de/yourData";
import type { en } from "./en";
import type { Translation } from "./translation";

export const de: Translation<typeof en> = {
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
};
