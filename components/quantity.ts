/**
 * A Kubernetes resource quantity (`250m`, `512Mi`), read exactly: thousandths of a unit as an integer.
 * Source of the grammar: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
export interface Quantity {
  readonly milli: bigint;
  /** Powers of 1024 (`Mi`) rather than of 1000 (`M`, `m`, none). */
  readonly binary: boolean;
}

const decimalSuffixes = ["m", "", "k", "M", "G", "T", "P"];
const binarySuffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi"];

/** Reads a quantity; `undefined` if the text is none, or is finer than a thousandth. */
export function parseQuantity(text: string): Quantity | undefined {
  const match = /^(\d{1,15})(?:\.(\d{1,9}))?(m|k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?$/.exec(text);
  if (!match) return undefined;
  const [, whole = "", fraction = "", suffix = ""] = match;
  const binary = suffix.endsWith("i");
  const unitInMilli = binary
    ? 1000n * 1024n ** BigInt(binarySuffixes.indexOf(suffix))
    : 1000n ** BigInt(decimalSuffixes.indexOf(suffix));
  const scaled = BigInt(whole + fraction) * unitInMilli;
  const divisor = 10n ** BigInt(fraction.length);
  return scaled % divisor === 0n ? { milli: scaled / divisor, binary } : undefined;
}

/**
 * The spelling that the API server stores: `1024Mi` is `1Gi`, `1000m` is `1`. Anything else would show up as
 * a difference in every `pulumi preview` (pulumi-kubernetes issue 1513).
 */
export function formatQuantity({ milli, binary }: Quantity): string {
  if (milli === 0n) return "0";
  if (binary && milli % 1000n === 0n) return reduce(milli / 1000n, 1024n, binarySuffixes);
  return reduce(milli, 1000n, decimalSuffixes);
}

const mebibyteInMilli = 1000n * 1024n ** 2n;

/**
 * A quantity of memory in mebibytes (2^20 bytes).
 *
 * @throws Error, a sentence, for one that is no whole number of them (`600M`): a rounded limit would be
 * another one than was written.
 */
export function mebibytes(quantity: Quantity): number {
  if (!isWholeMebibytes(quantity))
    throw new Error(`${formatQuantity(quantity)} is no whole number of mebibytes; write one such as 512Mi.`);
  return Number(quantity.milli / mebibyteInMilli);
}

/** Whether a quantity is a whole number of mebibytes. */
export function isWholeMebibytes({ milli }: Quantity): boolean {
  return milli % mebibyteInMilli === 0n;
}

/** The most mebibytes that a quantity of memory has room for: what may be used of a limit. */
export function mebibytesWithin({ milli }: Quantity): number {
  return Number(milli / mebibyteInMilli);
}

/**
 * Mebibytes within a quantity that a setting's schema has checked.
 *
 * @throws Error if the text is no quantity after all.
 */
export function checkedMebibytes(text: string): number {
  const quantity = parseQuantity(text);
  if (!quantity) throw new Error(`A setting that was checked is no quantity: ${text}.`);
  return mebibytesWithin(quantity);
}

/** Mebibytes as a quantity, in the spelling that the API server stores: `1Gi` for 1024. */
export function formatMebibytes(mebibytes: number): string {
  return formatQuantity({ milli: BigInt(mebibytes) * 1024n ** 2n * 1000n, binary: true });
}

function reduce(value: bigint, base: bigint, suffixes: readonly string[]): string {
  let index = 0;
  while (value % base === 0n && index < suffixes.length - 1) {
    value /= base;
    index += 1;
  }
  return `${value}${suffixes[index] ?? ""}`;
}
