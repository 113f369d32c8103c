"use client";

import { useForm } from "react-hook-form";
import { Button } from "@/components/ui/Button";
import { ProblemNotice } from "@/components/ui/ProblemNotice";
import { TextField } from "@/components/ui/TextField";
import { useRefreshAccount } from "@/hooks/useAccount";
import { useSubmit } from "@/hooks/useSubmit";
import { useText } from "@/hooks/useText";
import { useToasts } from "@/hooks/useToasts";
import { changePassword } from "@/lib/accountCalls";
import { PASSWORD_LENGTH } from "@/lib/constants";

interface Passwords {
  current_password: string;
  new_password: string;
}

export function ChangePassword({ email }: { email: string }) {
  const text = useText("account");
  const toasts = useToasts();
  const refresh = useRefreshAccount();
  const { register, handleSubmit, setError, reset, formState } = useForm<Passwords>({
    defaultValues: { current_password: "", new_password: "" },
  });
  const { errors, isSubmitting } = formState;
  const { problem, run } = useSubmit<Passwords>(["current_password", "new_password"], setError, async (passwords) => {
    await changePassword(passwords.current_password, passwords.new_password);
    reset();
    toasts.done(text("passwordChanged"));
    await refresh();
  });
  return (
    <form noValidate onSubmit={(event) => void handleSubmit(run)(event)} className="flex max-w-sm flex-col gap-5">
      {problem ? <ProblemNotice error={problem} /> : null}
      {/* Password managers want to know whose password it is. */}
      <input type="text" name="username" autoComplete="username" value={email} readOnly hidden />
      <TextField
        id="current-password"
        label={text("currentPassword")}
        type="password"
        autoComplete="current-password"
        error={errors.current_password?.message}
        {...register("current_password", { required: text("missing") })}
      />
      <TextField
        id="new-password"
        label={text("newPassword")}
        type="password"
        autoComplete="new-password"
        help={text("passwordHelp", { length: PASSWORD_LENGTH })}
        error={errors.new_password?.message}
        {...register("new_password", {
          required: text("missing"),
          minLength: { value: PASSWORD_LENGTH, message: text("tooShort", { n: PASSWORD_LENGTH }) },
        })}
      />
      <div>
        <Button type="submit" disabled={isSubmitting}>
          {isSubmitting ? text("saving") : text("changePassword")}
        </Button>
      </div>
    </form>
  );
}
