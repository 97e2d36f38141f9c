import { expect, test } from "vitest";
import { stateDir } from "../../../../local/cluster/supervisor/state.ts";

test.for(["", "Dev", "a/b", "..", "-a", "a".repeat(41)])("a cluster cannot be named %j", (name) => {
  expect(() => stateDir(name)).toThrow(`A cluster cannot be named "${name}": use up to 40`);
});
