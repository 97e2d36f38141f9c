import eslint from "@eslint/js";
import stylistic from "@stylistic/eslint-plugin";
import perfectionist from "eslint-plugin-perfectionist";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

export default defineConfig(
  globalIgnores([".toolchain", ".local", "rendered", "test/goldens/rendered"]),
  eslint.configs.recommended,
  tseslint.configs.strictTypeChecked,
  { files: ["**/*.js"], extends: [tseslint.configs.disableTypeChecked] },
  {
    files: ["**/*.ts"],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { "@stylistic": stylistic, perfectionist },
    rules: {
      // Prettier wraps code, and leaves comments and texts as they are.
      "@stylistic/max-len": ["error", { code: Number.MAX_SAFE_INTEGER, comments: 110, ignoreUrls: true }],
      "perfectionist/sort-imports": [
        "error",
        {
          groups: [["builtin"], ["external"], ["parent", "sibling", "index"], ["side-effect"]],
          newlinesBetween: 0,
          sortSideEffects: false,
        },
      ],
      // Numbers in sentences are what error messages and progress lines are made of.
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // Registering a Pulumi resource is the effect; its handle is often not needed.
      "no-new": "off",
    },
  },
);
