import { promisify } from "node:util";
import { crc32, inflateRaw } from "node:zlib";
import type { InflateRaw } from "node:zlib";

/** With `info`, which Node's types leave out of the callback. */
const inflate = promisify(inflateRaw) as unknown as (
  bytes: Buffer,
  options: { info: true },
) => Promise<{ buffer: Buffer; engine: InflateRaw }>;

/**
 * Inflates the first member of `bytes` and passes over whatever follows it, as flate2's GzDecoder does, which
 * DeepFlow's agent uses. Node's own gunzip takes what follows for a further member.
 *
 * @throws Error for what is not gzip, is cut off, or has a wrong checksum.
 */
export async function gunzipFirstMember(bytes: Buffer): Promise<Buffer> {
  const deflated = bytes.subarray(headerLength(bytes));
  const { buffer, engine } = await inflate(deflated, { info: true });
  const trailer = deflated.subarray(engine.bytesWritten);
  if (trailer.length < 8) throw new Error("A gzip stream ends before its checksum.");
  if (trailer.readUInt32LE(0) !== crc32(buffer) || trailer.readUInt32LE(4) !== buffer.length % 2 ** 32) {
    throw new Error("The checksum of a gzip stream is wrong.");
  }
  return buffer;
}

/** Bytes before the deflated data (RFC 1952, 2.3). */
function headerLength(bytes: Buffer): number {
  const magic = bytes.subarray(0, 3);
  if (!magic.equals(Buffer.from([0x1f, 0x8b, 8])) || bytes.length < 10)
    throw new Error("The body is not gzip.");
  const flags = bytes[3] ?? 0;
  let end = 10;
  if (flags & 4) end += 2 + bytes.readUInt16LE(end);
  for (const text of [8, 16]) if (flags & text) end = bytes.indexOf(0, end) + 1 || bytes.length;
  if (flags & 2) end += 2;
  return end;
}
