import * as pulumi from "@pulumi/pulumi";
import { readBaseDestination } from "./base.ts";
import { dependentStacks } from "./components/base/dependent-stacks.ts";
import { refuseOthersObjects } from "./ownership.ts";
import { clusterSettings, deploy } from "./program.ts";
import { readSettings } from "./settings.ts";
import { resolveStack } from "./stack.ts";

const settings = readSettings();
const { base } = settings;
const stack = resolveStack(settings, base === undefined ? undefined : await readBaseDestination(base));

// As one value: of named exports the engine warns, at every `up`, of each that a stack does not have.
export default deploy(stack, {
  isBase: dependentStacks(process.cwd(), pulumi.getStack()).length > 0,
  beforeCreate: [refuseOthersObjects(stack, clusterSettings())],
});
