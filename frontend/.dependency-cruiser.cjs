// Who may import whom (docs: architecture, "Layers"):
//   app → components/<feature> → components/ui, hooks, context → lib → types (generated), messages
const below = {
  "(types|messages)": ["lib", "hooks", "context", "components", "app"],
  lib: ["hooks", "context", "components", "app"],
  "(hooks|context)": ["components", "app"],
  "components/ui": ["components/(?!ui/)", "app", "context"],
  components: ["app"],
};

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    { name: "no-circular", severity: "error", from: { pathNot: "^src/types/" }, to: { circular: true } },
    ...Object.entries(below).map(([layer, above]) => ({
      name: `${layer.replace(/[()|/]/g, "-")}-looks-down-only`,
      severity: "error",
      from: { path: `^src/${layer}/`, pathNot: "^src/messages/.*\\.test\\." },
      to: { path: `^src/(${above.join("|")})` },
    })),
    {
      name: "features-do-not-know-each-other",
      comment: "What two features share lives in components/ui, or in jobs/ and images/, which show one entity.",
      severity: "error",
      from: { path: "^src/components/(?!ui/|shell/)([^/]+)/" },
      to: { path: "^src/components/", pathNot: "^src/components/($1|ui|jobs|images)/" },
    },
    {
      name: "entities-do-not-know-features",
      severity: "error",
      from: { path: "^src/components/(jobs|images)/" },
      to: { path: "^src/components/", pathNot: "^src/components/(jobs|images|ui)/" },
    },
    {
      name: "generated-client-through-lib",
      comment: "Components and hooks call lib/queries or lib/apiClient; types are free to use.",
      severity: "error",
      from: { path: "^src/(app|components|hooks|context)/", pathNot: "\\.test\\." },
      to: { path: "^src/types/(sdk|client)" },
    },
    {
      name: "messages-through-lib",
      comment: "Components take text from useText or getText: a catalogue that is imported would be shipped in every language.",
      severity: "error",
      from: { path: "^src/(app|components|hooks|context|lib)/", pathNot: "\\.test\\.|^src/lib/(serverText|text)\\.ts$|^src/app/global-error\\.tsx$" },
      to: { path: "^src/messages/" },
    },
    {
      name: "testing-is-for-tests",
      severity: "error",
      from: { path: "^src/", pathNot: "\\.(test|stories)\\.|^src/testing/" },
      to: { path: "^src/testing/" },
    },
    {
      name: "stories-are-looked-at",
      comment: "A story shows a component; what others need too belongs in the component, or in testing/.",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "\\.stories\\.tsx$" },
    },
    {
      name: "no-orphans",
      severity: "error",
      from: { orphan: true, path: "^src/", pathNot: "^src/(types|app)/|^src/proxy\\.ts$|\\.test\\.|\\.d\\.ts$" },
      to: {},
    },
    { name: "no-unresolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "require", "node", "default", "types"] },
  },
};
