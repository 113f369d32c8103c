// Two rules of our own: all text comes from the catalogue (src/messages), and no class names a physical side, so that a
// language written from right to left only needs its messages.

const SHOWN_ATTRIBUTES = /^(aria-label|aria-description|aria-placeholder|aria-roledescription|title|placeholder|alt|label|help|advice|lead|description|aside|text)$/;
const HAS_WORD = /\p{L}{2}/u;

/** Literal strings that an expression may become on the screen. */
function* strings(node) {
  if (!node) return;
  switch (node.type) {
    case "Literal":
      if (typeof node.value === "string") yield [node, node.value];
      break;
    case "TemplateLiteral":
      for (const quasi of node.quasis) yield [quasi, quasi.value.raw];
      break;
    case "JSXExpressionContainer":
      yield* strings(node.expression);
      break;
    case "ConditionalExpression":
      yield* strings(node.consequent);
      yield* strings(node.alternate);
      break;
    case "LogicalExpression":
      yield* strings(node.left);
      yield* strings(node.right);
      break;
    case "BinaryExpression":
      if (node.operator === "+") {
        yield* strings(node.left);
        yield* strings(node.right);
      }
      break;
  }
}

/** @type {import("eslint").Rule.RuleModule} */
const literalText = {
  meta: { type: "problem", schema: [], messages: { literal: "“{{text}}” belongs in src/messages: use useText or getText." } },
  create(context) {
    const check = (node) => {
      for (const [where, text] of strings(node)) {
        if (HAS_WORD.test(text)) context.report({ node: where, messageId: "literal", data: { text: text.trim() } });
      }
    };
    return {
      JSXText: (node) => {
        if (HAS_WORD.test(node.value)) context.report({ node, messageId: "literal", data: { text: node.value.trim() } });
      },
      JSXAttribute: (node) => {
        if (SHOWN_ATTRIBUTES.test(node.name.name)) check(node.value);
      },
      JSXExpressionContainer: (node) => {
        if (node.parent.type !== "JSXAttribute") check(node.expression);
      },
    };
  },
};

const PHYSICAL = /(?:^|[\s:!])-?(?:m[lr]|p[lr]|left|right|border-[lr]|rounded-[lr]|rounded-[tb][lr]|scroll-[mp][lr]|text-(?:left|right)|float-(?:left|right)|clear-(?:left|right)|inset-x-auto)(?:-[\w[(./]|(?=$|[\s]))/;
/** Words that are also class names are classes only where classes stand. */
function standsInClasses(node) {
  for (let up = node.parent; up; up = up.parent) {
    if (up.type === "JSXAttribute") return /className$/i.test(up.name.name);
    if (up.type === "CallExpression") return /^(cn|cva|clsx|\w+Style)$/.test(up.callee.name ?? "");
    if (up.type === "VariableDeclarator") return /(style|class)/i.test(up.id.name ?? "");
    if (up.type === "Program") return false;
  }
  return false;
}

/** @type {import("eslint").Rule.RuleModule} */
const physicalSide = {
  meta: {
    type: "problem",
    schema: [],
    messages: { side: "“{{found}}” is a physical side; write the logical one (ms-, me-, ps-, pe-, start-, end-, border-s, text-start …)." },
  },
  create(context) {
    const check = (node, text) => {
      const found = PHYSICAL.exec(text);
      if (found && standsInClasses(node)) context.report({ node, messageId: "side", data: { found: found[0].trim() } });
    };
    return {
      Literal: (node) => typeof node.value === "string" && check(node, node.value),
      TemplateElement: (node) => check(node, node.value.raw),
    };
  },
};

export const words = { rules: { "literal-text": literalText, "physical-side": physicalSide } };
