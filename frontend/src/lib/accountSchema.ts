import * as z from "zod/mini";
import { PASSWORD_LENGTH } from "./constants";

// zod may compile validators with `new Function`, which the Content Security Policy forbids.
z.config({ jitless: true });

const email = z
  .string()
  .check(z.trim(), z.minLength(1, "Your email address."), z.email("That is not an email address yet."));

export const credentialsSchema = z.object({
  email,
  password: z.string().check(z.minLength(1, "Your password.")),
});
export type Credentials = z.infer<typeof credentialsSchema>;

export const accountSchema = z.object({
  name: z.string().check(z.trim(), z.minLength(1, "What should we call you?"), z.maxLength(100, "At most 100 characters.")),
  email,
  password: z
    .string()
    .check(z.minLength(PASSWORD_LENGTH, `At least ${PASSWORD_LENGTH} characters.`), z.maxLength(256, "At most 256 characters.")),
});
export type Account = z.infer<typeof accountSchema>;
