/** Listens on the loopback port that PORT names, says so, and ends with its standard input. */
import { createServer } from "node:net";

createServer().listen(Number(process.env["PORT"]), "127.0.0.1", () => {
  console.log("listening");
});
process.stdin.resume().once("end", () => process.exit());
