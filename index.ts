/**
 * What the Pulumi engine runs: deployment.ts, sooner. It takes no decision about the stack.
 */
import { enableCompileCache } from "node:module";

// Kept from one run to the next, in the folder for temporary files (or NODE_COMPILE_CACHE): half a second of
// each preview would otherwise go to compiling what has not changed.
enableCompileCache();

// The SDK asks source-map-support for the stack of every promise that it makes, a sixth of a preview's time.
// Node keeps the lines of TypeScript when it strips types, so the stack is right without.
Reflect.deleteProperty(Error, "prepareStackTrace");

export default (await import("./deployment.ts")).default;
