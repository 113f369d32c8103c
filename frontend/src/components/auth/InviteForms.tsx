"use client";

import { type SyntheticEvent, useState } from "react";
import { Button } from "@/components/ui/Button";
import { ProblemNotice } from "@/components/ui/ProblemNotice";
import { Segments } from "@/components/ui/Segments";
import { TextField } from "@/components/ui/TextField";
import { useAuth } from "@/hooks/useAuth";
import { useText } from "@/hooks/useText";
import { PASSWORD_LENGTH } from "@/lib/constants";
import { join } from "@/lib/organizationCalls";
import { ApiProblem, fieldName } from "@/lib/problem";

export interface InviteFormsProps {
  token: string;
  /** The address that the invitation is for. */
  email: string;
  signedInAs: string | null;
}

type Way = "new" | "known";

/** Joining anew, with an account, or with the account that is signed in here. */
export function InviteForms({ token, email, signedInAs }: InviteFormsProps) {
  const text = useText("invite");
  const [way, setWay] = useState<Way>("new");
  if (signedInAs === email) return <JoinAsMyself token={token} />;
  if (signedInAs !== null) return <OtherAccount signedIn={signedInAs} invited={email} />;
  return (
    <div className="flex flex-col gap-6">
      <Segments
        label={text("how")}
        value={way}
        onValue={(next) => setWay(next as Way)}
        choices={[
          { value: "new", label: text("newAccount") },
          { value: "known", label: text("haveAccount") },
        ]}
      />
      <JoinForm key={way} way={way} token={token} email={email} />
    </div>
  );
}

/** The studio is loaded anew: nothing of another organisation stays in memory. */
function enter(): void {
  window.location.assign("/");
}

function useJoining(joining: () => Promise<void>) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const start = () => {
    setBusy(true);
    setProblem(null);
    joining().then(enter, (error: unknown) => {
      setProblem(error);
      setBusy(false);
    });
  };
  return { busy, problem, start };
}

function JoinAsMyself({ token }: { token: string }) {
  const text = useText("invite");
  const { busy, problem, start } = useJoining(() => join(token));
  return (
    <div className="flex flex-col gap-5">
      {problem ? <ProblemNotice error={problem} /> : null}
      <Button look="accent" size="large" disabled={busy} onClick={start}>
        {busy ? text("joining") : text("join")}
      </Button>
    </div>
  );
}

function OtherAccount({ signedIn, invited }: { signedIn: string; invited: string }) {
  const text = useText("invite");
  const { signOut } = useAuth();
  const [problem, setProblem] = useState<unknown>(null);
  return (
    <div className="flex flex-col gap-5">
      {problem ? <ProblemNotice error={problem} /> : null}
      <p className="text-[15px] break-words">{text("otherAccount", { signedIn, invited })}</p>
      <Button onClick={() => void signOut({ to: window.location.pathname }).catch(setProblem)}>{text("signOutFirst")}</Button>
    </div>
  );
}

function JoinForm({ way, token, email }: { way: Way; token: string; email: string }) {
  const text = useText("invite");
  const auth = useText("auth");
  const { signIn, register } = useAuth();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const { busy, problem, start } = useJoining(() =>
    way === "new" ? register({ email, name, password, invitation: token }) : signIn({ email, password, invitation: token }),
  );
  const fields = problem instanceof ApiProblem ? problem.fields : [];
  const errorOf = (field: string) => fields.find(({ pointer }) => fieldName(pointer) === field)?.detail;
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    start();
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-5">
      {problem && fields.length === 0 ? <ProblemNotice error={problem} advice={auth("kept")} /> : null}
      <TextField id="email" label={auth("email")} type="email" autoComplete="username" value={email} readOnly />
      {way === "new" ? (
        <TextField
          id="name"
          label={auth("name")}
          autoComplete="name"
          required
          maxLength={100}
          value={name}
          onChange={(event) => setName(event.target.value)}
          error={errorOf("name")}
        />
      ) : null}
      <TextField
        id="password"
        label={auth("password")}
        type="password"
        autoComplete={way === "new" ? "new-password" : "current-password"}
        required
        minLength={way === "new" ? PASSWORD_LENGTH : undefined}
        maxLength={256}
        value={password}
        onChange={(event) => setPassword(event.target.value)}
        help={way === "new" ? auth("passwordHelp", { length: PASSWORD_LENGTH }) : undefined}
        error={errorOf("password")}
      />
      <Button type="submit" look="accent" size="large" disabled={busy} className="mt-1">
        {busy ? text("joining") : text("join")}
      </Button>
    </form>
  );
}
