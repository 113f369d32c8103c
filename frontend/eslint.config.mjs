// eslint-config-next is left out: its newest release has platform binaries that `npm ci` cannot always resolve.
// ESLint stays on 9: eslint-plugin-jsx-a11y does not accept 10 yet.
import js from "@eslint/js";
import jsxA11y from "eslint-plugin-jsx-a11y";
import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";
import { words } from "./eslint/words.mjs";

export default tseslint.config(
  { ignores: [".next/**", "node_modules/**", "src/types/**", "next-env.d.ts", "playwright-report/**", "test-results/**"] },
  js.configs.recommended,
  {
    files: ["**/*.{ts,tsx}"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/consistent-type-definitions": ["error", "interface"],
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "max-lines": ["error", { max: 300 }],
      "no-restricted-syntax": [
        "error",
        { selector: "ExportAllDeclaration", message: "No barrels: import from the file that defines it." },
      ],
    },
  },
  {
    files: ["src/**/*.tsx", "src/**/*.ts"],
    ...jsxA11y.flatConfigs.strict,
    plugins: { ...jsxA11y.flatConfigs.strict.plugins, "react-hooks": reactHooks },
    rules: {
      ...jsxA11y.flatConfigs.strict.rules,
      ...reactHooks.configs["recommended-latest"].rules,
    },
  },
  {
    files: ["src/**/*.tsx", "src/**/*Style.ts"],
    ignores: ["**/*.test.tsx", "**/*.stories.tsx"],
    plugins: { words },
    rules: { "words/literal-text": "error", "words/physical-side": "error" },
  },
  {
    // Next and Storybook need default exports here, and nowhere else are they allowed.
    files: ["src/**/*.{ts,tsx}"],
    ignores: ["src/app/**", "src/proxy.ts", "**/*.stories.tsx"],
    rules: {
      "no-restricted-syntax": [
        "error",
        { selector: "ExportDefaultDeclaration", message: "Named exports only." },
        { selector: "ExportAllDeclaration", message: "No barrels: import from the file that defines it." },
      ],
    },
  },
  {
    files: ["**/*.mjs", "**/*.cjs"],
    languageOptions: {
      globals: { process: "readonly", console: "readonly", URL: "readonly", module: "writable", fetch: "readonly" },
    },
  },
);
