/** Ends with 0 if somebody listens at its input, JSON {host, port}. */
import { connect } from "node:net";
import { json } from "node:stream/consumers";

const socket = connect((await json(process.stdin)) as { host: string; port: number });
socket.on("connect", () => process.exit(0));
socket.on("error", () => process.exit(1));
