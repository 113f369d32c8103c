import { useMemo } from "react";
import { ApiProblem } from "@/lib/problem";
import { showDone, showProblem, showUndo } from "@/lib/toasts";
import { useProblemText } from "./useProblemText";
import { useText } from "./useText";

export interface Toasts {
  done: (message: string) => void;
  /** An error that no place on the page shows: what happened, and the id that finds it in the log. */
  problem: (error: unknown, title: string) => void;
  /** What a person tried and could not do, without an error of the API. */
  fault: (title: string, description: string) => void;
  undo: (message: string, undo: () => void) => void;
}

export function useToasts(): Toasts {
  const text = useText("common");
  const tell = useProblemText();
  return useMemo(
    () => ({
      done: showDone,
      problem: (error, title) => {
        const trace = error instanceof ApiProblem && error.traceId ? ` ${text("traceOf", { id: error.traceId })}` : "";
        showProblem(title, tell(error) + trace);
      },
      fault: showProblem,
      undo: (message, undo) => showUndo(message, text("undo"), undo),
    }),
    [text, tell],
  );
}
