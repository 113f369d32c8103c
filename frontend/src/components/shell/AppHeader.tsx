import Link from "next/link";
import { Logo } from "@/components/ui/Logo";
import { APP_NAME } from "@/lib/constants";
import { ConnectionNotice } from "./ConnectionNotice";
import { Navigation } from "./Navigation";
import { UserMenu } from "./UserMenu";

export function AppHeader() {
  return (
    <header className="sticky top-0 z-30 bg-background/85 backdrop-blur-md">
      <div className="mx-auto flex h-14 max-w-[100rem] items-center gap-2 px-3 sm:gap-6 sm:px-6">
        <Link href="/" className="flex h-10 items-center gap-2 rounded-full px-1.5 font-semibold sm:-ms-1.5 tracking-tight">
          <Logo className="size-6" />
          {APP_NAME}
        </Link>
        <Navigation />
        {/* Beside the menu and not around it: a notice that comes or goes moves nothing. */}
        <div className="ms-auto min-w-0 sm:-me-4">
          <ConnectionNotice />
        </div>
        <UserMenu />
      </div>
    </header>
  );
}
