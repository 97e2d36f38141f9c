import protobuf from "protobufjs";
import { anyValueType } from "./otlp.ts";
import type { AnyValue } from "./otlp.ts";

/**
 * An attribute's value as DeepFlow's ingester stores it (server/ingester/flow_log/log_data/otel_import.go,
 * getValueString): a text as it is, and everything else, an empty text included, as Go's protobuf text of the
 * value without the field's name. Go puts one space or two between fields, by the binary
 * (google.golang.org/protobuf, internal/detrand); here it is one.
 */
export function valueText(value: AnyValue): string {
  if (value.stringValue) return value.stringValue;
  const text = messageText(anyValueType, value);
  return text.slice(text.indexOf(":") + 1);
}

function messageText({ fieldsArray }: protobuf.Type, message: object): string {
  const fields = fieldsArray.flatMap(({ name, protoName, resolvedType, hasPresence }) => {
    const value = (message as Readonly<Record<string, unknown>>)[name];
    // A text that is empty is written where it is known to be there, as in a oneof.
    if (value === undefined || (value === "" && !hasPresence)) return [];
    return [value].flat().map((item) => {
      const isMessage = resolvedType instanceof protobuf.Type;
      return `${protoName}:${isMessage ? `{${messageText(resolvedType, item as object)}}` : scalarText(item)}`;
    });
  });
  return fields.join(" ");
}

function scalarText(value: unknown): string {
  if (typeof value === "string" || value instanceof Uint8Array) return quoted(value);
  return typeof value === "number" ? doubleText(value) : String(value);
}

/**
 * Go's strconv.FormatFloat(value, 'g', -1, 64): with an exponent, of two digits at least, below 1e-4 and from
 * 1e6.
 */
function doubleText(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (Object.is(value, -0)) return "-0";
  const [, digits = "", sign = "", exponent = ""] = /^(.*)e([+-])(\d+)$/.exec(value.toExponential()) ?? [];
  const power = Number(sign + exponent);
  return power < -4 || power >= 6 ? `${digits}e${sign}${exponent.padStart(2, "0")}` : String(value);
}

/**
 * Matches what has more than one byte in valid UTF-8 (RFC 3629, 4), else one byte, in text of one character a
 * byte.
 */
const utf8Sequence =
  /[\xc2-\xdf][\x80-\xbf]|(?:\xe0[\xa0-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]|\xed[\x80-\x9f])[\x80-\xbf]|(?:\xf0[\x90-\xbf]|[\xf1-\xf3][\x80-\xbf]|\xf4[\x80-\x8f])[\x80-\xbf]{2}|[^]/g;

const escapes: Readonly<Record<string, string>> = {
  ...{ '"': '\\"', "\\": "\\\\" },
  ...{ "\n": "\\n", "\r": "\\r", "\t": "\\t" },
};

/** Text and bytes alike: what is not valid UTF-8 or not printable is escaped. */
function quoted(bytes: string | Uint8Array): string {
  const escaped = Buffer.from(bytes as Uint8Array)
    .toString("latin1")
    .replace(utf8Sequence, (sequence) => {
      const code = sequence.charCodeAt(0);
      if (sequence.length === 1) {
        const isPlain = code >= 0x20 && code < 0x7f;
        return escapes[sequence] ?? (isPlain ? sequence : `\\x${code.toString(16).padStart(2, "0")}`);
      }
      const character = Buffer.from(sequence, "latin1").toString();
      const isControl = character >= "\u0080" && character <= "\u009f";
      return isControl ? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}` : character;
    });
  return `"${escaped}"`;
}
