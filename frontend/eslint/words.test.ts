import { RuleTester } from "eslint";
import { describe, it } from "vitest";
import { words } from "./words.mjs";

RuleTester.describe = describe;
RuleTester.it = it;
const tester = new RuleTester({ languageOptions: { parserOptions: { ecmaFeatures: { jsx: true } } } });

tester.run("literal-text", words.rules["literal-text"], {
  valid: [
    `<p className="text-left">{text("title")}</p>`,
    `<p>{width} × {height} · {"/"}</p>`,
    `<Link href="/gallery" aria-label={text("open")}>{name}</Link>`,
    `<Chip data-state={on ? "open" : "closed"} />`,
  ],
  invalid: [
    { code: `<p>Hello {name}</p>`, errors: 1 },
    { code: `<p>{done ? "Done" : waiting || "Waiting"}</p>`, errors: 2 },
    { code: "<img alt={`Preview of ${prompt}`} />", errors: 1 },
    { code: `<Button label="Größe" />`, errors: 1 },
    { code: `<Button title={"Close" + key} />`, errors: 1 },
  ],
});

tester.run("physical-side", words.rules["physical-side"], {
  valid: [
    `<p className="ms-2 pe-3 start-0 text-end border-s-2 rounded-ss-lg slider" />`,
    `<p title="left-over" />`,
    `cn("pt-2 leading-none")`,
    `const side = "left";`,
  ],
  invalid: [
    { code: `<p className="flex ml-2" />`, errors: 1 },
    { code: `<p className="sm:-left-4" />`, errors: 1 },
    { code: `cn("a", on && "pr-2")`, errors: 1 },
    { code: "<p className={`x ${y} border-l`} />", errors: 1 },
    { code: `const buttonStyle = "rounded-tl-lg";`, errors: 1 },
    { code: `cva("text-right")`, errors: 1 },
  ],
});
