/**
 * Messages in the part of ICU's syntax that the catalogue needs: `{name}`, and `{n, plural | selectordinal | select,
 * =0 {…} one {…} other {…}}` with `#` for the number. Numbers are written as the locale writes them.
 */
type Value = string | number;
export type MessageArguments = Readonly<Record<string, Value>>;

interface Argument {
  name: string;
  /** None: the value itself. */
  kind?: "plural" | "selectordinal" | "select";
  branches: Map<string, Part[]>;
}
type Part = string | Argument;

const KINDS = ["plural", "selectordinal", "select"] as const;

class Reader {
  private at = 0;
  constructor(private readonly source: string) {}

  /** Up to the end, or to the `}` that closes a branch. */
  parts(inBranch = false): Part[] {
    const parts: Part[] = [];
    for (;;) {
      const text = this.until(/[{}]/);
      if (text) parts.push(text);
      const brace = this.source[this.at++];
      if (brace === "{") parts.push(this.argument());
      else if ((brace === "}") === inBranch) return parts;
      else this.fail();
    }
  }

  private argument(): Argument {
    const name = this.until(/[,}]/).trim();
    const argument: Argument = { name, branches: new Map() };
    if (!/^\w+$/.test(name)) this.fail();
    if (this.source[this.at++] === "}") return argument;
    const word = this.until(/,/).trim();
    const kind = KINDS.find((known) => known === word);
    if (!kind) this.fail();
    this.at++;
    for (;;) {
      const selector = this.until(/[{}]/).trim();
      const brace = this.source[this.at++];
      if (brace === "{" && selector) argument.branches.set(selector, this.parts(true));
      else if (brace === "}" && argument.branches.has("other")) return { ...argument, kind };
      else this.fail();
    }
  }

  private until(stop: RegExp): string {
    const length = this.source.slice(this.at).search(stop);
    const end = length < 0 ? this.source.length : this.at + length;
    const text = this.source.slice(this.at, end);
    this.at = end;
    return text;
  }

  private fail(): never {
    throw new Error(`The message “${this.source}” breaks off or is malformed near character ${this.at}`);
  }
}

const parsed = new Map<string, Part[]>();

function parse(source: string): Part[] {
  let parts = parsed.get(source);
  if (!parts) parsed.set(source, (parts = new Reader(source).parts()));
  return parts;
}

function choose({ kind, branches }: Argument, value: Value, locale: string): Part[] | undefined {
  if (kind === "select") return branches.get(String(value)) ?? branches.get("other");
  const type = kind === "plural" ? "cardinal" : "ordinal";
  const rule = () => new Intl.PluralRules(locale, { type }).select(Number(value));
  return branches.get(`=${value}`) ?? branches.get(rule()) ?? branches.get("other");
}

function write(parts: readonly Part[], values: MessageArguments, locale: string, counted: string): string {
  const show = (value: Value) => (typeof value === "number" ? new Intl.NumberFormat(locale).format(value) : value);
  return parts
    .map((part) => {
      if (typeof part === "string") return part.replaceAll("#", counted || "#");
      const value = values[part.name] ?? `{${part.name}}`;
      if (!part.kind) return show(value);
      return write(choose(part, value, locale) ?? [], values, locale, part.kind === "select" ? counted : show(value));
    })
    .join("");
}

/** @throws Error when the message is malformed, which a test of the whole catalogue rules out. */
export function formatMessage(source: string, values: MessageArguments, locale: string): string {
  return write(parse(source), values, locale, "");
}

/** The names of all arguments, however deep. */
export function argumentNames(source: string): Set<string> {
  const collect = (parts: readonly Part[]): string[] =>
    parts.flatMap((part) => (typeof part === "string" ? [] : [part.name, ...[...part.branches.values()].flatMap(collect)]));
  return new Set(collect(parse(source)));
}
