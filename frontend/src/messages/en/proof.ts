export const proof = {
  currentPassword: "Current password",
  code: "Code",
  missing: "Fill this in.",
  tooShort: "At least {n} characters.",
  cancel: "Cancel",
} as const;
