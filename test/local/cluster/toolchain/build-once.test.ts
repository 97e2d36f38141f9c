import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { buildOnce } from "../../../../local/cluster/toolchain/build-once.ts";

let root: string;
let dir: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "build-once-"));
  dir = join(root, "toolchain", "abc");
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

test("a folder appears under its name only when it is complete", async () => {
  const result = await buildOnce(dir, (temporary) => {
    writeFileSync(join(temporary, "program"), "");
    expect(existsSync(dir)).toBe(false);
    return Promise.resolve();
  });
  expect(result).toBe("built");
  expect(readdirSync(join(root, "toolchain"))).toEqual(["abc"]);
  expect(readdirSync(dir)).toEqual(["program"]);
});

test("a build that fails leaves nothing, and the next one starts afresh", async () => {
  const failure = buildOnce(dir, (temporary) => {
    writeFileSync(join(temporary, "half"), "");
    return Promise.reject(new Error("out of disk"));
  });
  await expect(failure).rejects.toThrow("out of disk");
  expect(readdirSync(join(root, "toolchain"))).toEqual([]);
  await expect(buildOnce(dir, () => Promise.resolve())).resolves.toBe("built");
  expect(readdirSync(dir)).toEqual([]);
});

test("a build that is given up leaves nothing", async () => {
  const controller = new AbortController();
  const given = buildOnce(
    dir,
    () => {
      controller.abort(new Error("Ctrl-C"));
      return Promise.resolve();
    },
    { signal: controller.signal },
  );
  await expect(given).rejects.toThrow("Ctrl-C");
  expect(readdirSync(join(root, "toolchain"))).toEqual([]);
});

test("what is there is not built again", async () => {
  mkdirSync(dir, { recursive: true });
  await expect(buildOnce(dir, () => Promise.reject(new Error("built again")))).resolves.toBe("found");
});

test("two that start together build once, and the second is told whom it waits for", async () => {
  const waits: number[] = [];
  const both = await Promise.all(
    [1, 2].map(() =>
      buildOnce(
        dir,
        // Long enough to be found at it.
        async (temporary) => {
          await expect.poll(() => waits.length).toBe(1);
          writeFileSync(join(temporary, "program"), "");
        },
        { onWait: (pid) => waits.push(pid) },
      ),
    ),
  );
  expect(both.sort()).toEqual(["built", "found"]);
  expect(waits).toEqual([process.pid]);
});

test("a build whose process is killed is taken over, and its leftovers are removed", async () => {
  const script = `
    const { buildOnce } = await import(${JSON.stringify(join(import.meta.dirname, "../../../../local/cluster/toolchain/build-once.ts"))});
    await buildOnce(${JSON.stringify(dir)}, () => {
      console.log("building");
      setInterval(() => undefined, 1000);
      return new Promise(() => undefined);
    });`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  expect(readdirSync(join(root, "toolchain"))).toEqual([expect.stringMatching(/^abc\.building-/)]);

  const waits: (number | undefined)[] = [];
  const taken = buildOnce(dir, () => Promise.resolve(), {
    onWait(pid) {
      waits.push(pid);
      child.kill("SIGKILL");
    },
  });
  await expect(taken).resolves.toBe("built");
  expect(waits).toEqual([child.pid]);
  expect(readdirSync(join(root, "toolchain"))).toEqual(["abc"]);
});
