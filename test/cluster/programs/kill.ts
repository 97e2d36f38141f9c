/** Kills the process of a container: input is JSON {pid}, as `GET /pods` has it. */
import { json } from "node:stream/consumers";

const { pid } = (await json(process.stdin)) as { pid: number };
process.kill(pid, "SIGKILL");
