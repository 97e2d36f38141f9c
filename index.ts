import { deploy } from "./program.ts";
import { readSettings } from "./settings.ts";
import { resolveStack } from "./stack.ts";

// As one value: of named exports the engine warns, at every `up`, of each that a stack does not have.
export default deploy(resolveStack(readSettings()));
