import eslint from "@eslint/js";
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
    rules: {
      // Numbers in sentences are what error messages and progress lines are made of.
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // Registering a Pulumi resource is the effect; its handle is often not needed.
      "no-new": "off",
    },
  },
);
