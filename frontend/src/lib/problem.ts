export interface ProblemField {
  pointer: string;
  code: string;
  detail: string;
}

/** Of `account_closing`: the account goes at `due_at`, unless it is kept with the token. */
export interface ClosingAccount {
  token: string;
  due_at: string;
}

interface ProblemBody {
  type?: string;
  title?: string;
  status?: number;
  detail?: string | null;
  code?: string;
  trace_id?: string | null;
  errors?: ProblemField[] | null;
  second_factor?: { token: string } | null;
  account_closing?: ClosingAccount | null;
}

/** What the API said went wrong (RFC 9457), or that it could not be asked at all (`code` "network", `status` 0). */
export class ApiProblem extends Error {
  override readonly name = "ApiProblem";
  readonly status: number;
  readonly code: string;
  /** The API's own sentence, in English. */
  readonly detail: string | null;
  readonly traceId: string | null;
  readonly fields: readonly ProblemField[];
  readonly retryAfterSeconds: number | null;
  /** Of `second_factor_required`: what the second step of signing in is sent with. */
  readonly secondStepToken: string | null;
  readonly closingAccount: ClosingAccount | null;

  constructor(body: ProblemBody, status: number, retryAfterSeconds: number | null = null) {
    const code = body.code ?? "unknown";
    super(body.detail ?? body.title ?? code);
    this.detail = body.detail ?? null;
    this.status = status;
    this.code = code;
    this.traceId = body.trace_id ?? null;
    this.fields = body.errors ?? [];
    this.retryAfterSeconds = retryAfterSeconds;
    this.secondStepToken = body.second_factor?.token ?? null;
    this.closingAccount = body.account_closing ?? null;
  }
}

function isProblemBody(value: unknown): value is ProblemBody {
  return typeof value === "object" && value !== null && ("code" in value || "title" in value || "detail" in value);
}

function retryAfter(response: Response): number | null {
  const seconds = Number(response.headers.get("Retry-After") ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds : null;
}

/** Turns whatever a request ended with into an `ApiProblem`; an abort stays an abort. */
export function toProblem(error: unknown, response?: Response): Error {
  if (error instanceof ApiProblem) return error;
  if (error instanceof Error && error.name === "AbortError") return error;
  if (response) return new ApiProblem(isProblemBody(error) ? error : {}, response.status, retryAfter(response));
  return new ApiProblem({ code: "network" }, 0);
}

export function isProblem(error: unknown, code?: string): error is ApiProblem {
  return error instanceof ApiProblem && (code === undefined || error.code === code);
}

/** A query is worth asking again only when the fault may pass by itself. */
export function isTransient(error: unknown): boolean {
  return isProblem(error) && (error.status === 0 || error.status === 429 || error.status >= 502);
}

/** `/body/width` or `/width` → `width`. */
export function fieldName(pointer: string): string {
  return pointer.replace(/^#?\/?(body\/)?/, "").replaceAll("/", ".");
}
