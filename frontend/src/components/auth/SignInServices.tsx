import { buttonStyle } from "@/components/ui/Button";
import { cn } from "@/lib/cn";
import { API_V1 } from "@/lib/constants";
import type { AuthConfig } from "@/lib/contract";
import type { Text } from "@/lib/text";

export interface SignInServicesProps {
  services: AuthConfig["sign_in_services"];
  next: string;
  text: Text<"account">;
}

/** One way in for each provider of single sign-on. Links, since the browser leaves this site. */
export function SignInServices({ services, next, text }: SignInServicesProps) {
  if (!services?.length) return null;
  return (
    <div className="mb-6 flex flex-col gap-3">
      {services.map(({ name, label }) => (
        <a
          key={name}
          href={`${API_V1}/auth/oidc/${name}/login?next=${encodeURIComponent(next)}`}
          className={cn(buttonStyle({ size: "large" }), "w-full")}
        >
          {text("signInWith", { service: label })}
        </a>
      ))}
      <p aria-hidden className="mt-3 flex items-center gap-3 text-[13px] text-subtle before:h-px before:flex-1 before:bg-border after:h-px after:flex-1 after:bg-border">
        {text("or")}
      </p>
    </div>
  );
}
