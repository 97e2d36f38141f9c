import { mkdtempSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { callControl, serveControl, type Routes } from "../../../../local/cluster/control-plane/control.ts";

let dir: string;
let socket: string;
let server: Server;
const routes: Routes = {
  "GET /nothing": () => Promise.resolve(undefined),
  "POST /echo": (body) => Promise.resolve(body),
  "POST /fail": () => Promise.reject(new Error("The handler failed.")),
};

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "control-"));
  socket = join(dir, "control.sock");
  server = await serveControl(socket, routes);
});

afterAll(() => {
  server.close();
  rmSync(dir, { recursive: true });
});

test("a route gets the body and answers with JSON", async () => {
  const body = { spans: [1, "zwei", null] };
  await expect(callControl(socket, "POST", "/echo", body)).resolves.toEqual(body);
  await expect(callControl(socket, "GET", "/nothing")).resolves.toBeNull();
});

test("a route that fails rejects with its sentence", async () => {
  await expect(callControl(socket, "POST", "/fail", {})).rejects.toThrow("The handler failed.");
});

test("an unknown path is told beside the known ones", async () => {
  await expect(callControl(socket, "GET", "/constructor")).rejects.toThrow(
    "The embedded cluster has no GET /constructor; it has GET /nothing, POST /echo, POST /fail.",
  );
});

test("a route may be added while the server runs", async () => {
  routes["GET /later"] = () => Promise.resolve("here");
  await expect(callControl(socket, "GET", "/later")).resolves.toBe("here");
});

test("a cluster that is gone is told of as such", async () => {
  await expect(callControl(join(dir, "none.sock"), "GET", "/status")).rejects.toThrow(
    /did not answer GET \/status \(.*ENOENT.*\): it was stopped or is stopping\./,
  );
});
