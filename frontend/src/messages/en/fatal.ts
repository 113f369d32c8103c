/** For the page of last resort, which can count on no catalogue: it carries all languages itself. */
export const fatal = {
  title: "Easel could not show this page",
  lead: "Your jobs and pictures are safe.",
  tryAgain: "Try again",
} as const;
