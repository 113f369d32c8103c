import { useRouter } from "next/navigation";
import { useContext } from "react";
import { TextContext } from "@/context/TextContext";
import { isLocale, type Locale, LOCALE_COOKIE } from "@/lib/locales";

const YEAR_SECONDS = 365 * 24 * 3_600;

/** The language of this page, and a way to change it: the server renders the page anew, what is typed stays. */
export function useLocale(): [Locale, (locale: string) => void] {
  const router = useRouter();
  const { locale } = useContext(TextContext);
  const setLocale = (next: string) => {
    if (!isLocale(next)) return;
    const secure = window.location.protocol === "https:" ? "; secure" : "";
    document.cookie = `${LOCALE_COOKIE}=${next}; path=/; max-age=${YEAR_SECONDS}; samesite=lax${secure}`;
    router.refresh();
  };
  return [locale, setLocale];
}
