/** Prints what somebody who listens at its input, JSON {host, port}, says, or the code of the error that it gets instead. */
import { connect } from "node:net";
import { json, text } from "node:stream/consumers";

const socket = connect((await json(process.stdin)) as { host: string; port: number });
try {
  console.log(await text(socket));
} catch (error) {
  console.log((error as NodeJS.ErrnoException).code);
}
