import { useEffect, useState } from "react";

/**
 * What a mail's link carries behind #: undefined before the page has looked, null when there is nothing. It is taken out
 * of the address bar, where it would stay in the history and in pictures of the screen. Another link that is opened in
 * the same tab changes no more than the part behind #, so the page is not loaded anew: it listens.
 */
export function useLinkToken(): string | null | undefined {
  const [token, setToken] = useState<string | null>();
  useEffect(() => {
    const look = () => {
      const found = window.location.hash.slice(1) || null;
      setToken((known) => found ?? known ?? null);
      if (found) window.history.replaceState(window.history.state, "", window.location.pathname);
    };
    look();
    window.addEventListener("hashchange", look);
    return () => window.removeEventListener("hashchange", look);
  }, []);
  return token;
}
