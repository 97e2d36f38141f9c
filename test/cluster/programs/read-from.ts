/**
 * Prints what is read from the server at its input, JSON {host, port}, or the code of the error in its place.
 */
import { connect } from "node:net";
import { json, text } from "node:stream/consumers";

const socket = connect((await json(process.stdin)) as { host: string; port: number });
try {
  console.log(await text(socket));
} catch (error) {
  console.log((error as NodeJS.ErrnoException).code);
}
