/** Prints what a process of a pod finds: its host name, its variables, and its standard input. */
import { hostname } from "node:os";
import { text } from "node:stream/consumers";

console.log(JSON.stringify({ hostname: hostname(), env: process.env, input: await text(process.stdin) }));
process.exitCode = 3;
