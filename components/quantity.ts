const decimalSuffixes = ["m", "", "k", "M", "G", "T", "P"];
const binarySuffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi"];
const mebibyteInMilli = 1000n * 1024n ** 2n;

/** A quantity as component arguments take it: as Kubernetes writes it, such as `512Mi`, or already read. */
export type QuantityInput = string | Quantity;

/**
 * A Kubernetes resource quantity (`250m`, `512Mi`), read exactly: thousandths of a unit as an integer.
 * Source of the grammar: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
export class Quantity {
  readonly milli: bigint;
  /** Powers of 1024 (`Mi`) rather than of 1000 (`M`, `m`, none). */
  readonly binary: boolean;

  private constructor(milli: bigint, binary: boolean) {
    this.milli = milli;
    this.binary = binary;
  }

  /** Reads a quantity; `undefined` if the text is none, or is finer than a thousandth. */
  static parse(text: string): Quantity | undefined {
    const match = /^(\d{1,15})(?:\.(\d{1,9}))?(m|k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?$/.exec(text);
    if (!match) return undefined;
    const [, whole = "", fraction = "", suffix = ""] = match;
    const binary = suffix.endsWith("i");
    const unitInMilli = binary
      ? 1000n * 1024n ** BigInt(binarySuffixes.indexOf(suffix))
      : 1000n ** BigInt(decimalSuffixes.indexOf(suffix));
    const scaled = BigInt(whole + fraction) * unitInMilli;
    const divisor = 10n ** BigInt(fraction.length);
    return scaled % divisor === 0n ? new Quantity(scaled / divisor, binary) : undefined;
  }

  static ofMebibytes(mebibytes: number): Quantity {
    return new Quantity(BigInt(mebibytes) * mebibyteInMilli, true);
  }

  /**
   * The spelling that the API server stores: `1024Mi` is `1Gi`, `1000m` is `1`. Anything else would show up
   * as a difference in every `pulumi preview` (pulumi-kubernetes issue 1513).
   */
  toString(): string {
    if (this.milli === 0n) return "0";
    if (this.binary && this.milli % 1000n === 0n) return reduce(this.milli / 1000n, 1024n, binarySuffixes);
    return reduce(this.milli, 1000n, decimalSuffixes);
  }

  /** The same, so that a quantity in an object is written as Kubernetes reads it. */
  toJSON(): string {
    return this.toString();
  }

  /** Whether it is a whole number of mebibytes (2^20 bytes). */
  get isWholeMebibytes(): boolean {
    return this.milli % mebibyteInMilli === 0n;
  }

  /**
   * In mebibytes.
   *
   * @throws Error, a sentence, for one that is no whole number of them (`600M`): a rounded limit would be
   * another one than was written.
   */
  get mebibytes(): number {
    if (!this.isWholeMebibytes)
      throw new Error(`${this.toString()} is no whole number of mebibytes; write one such as 512Mi.`);
    return this.mebibytesWithin;
  }

  /** The least whole number of units (cores of `cpu`) that it fits in. */
  get unitsOrMore(): number {
    return Number((this.milli + 999n) / 1000n);
  }

  /** The most mebibytes that it has room for: what may be used of a limit. */
  get mebibytesWithin(): number {
    return Number(this.milli / mebibyteInMilli);
  }
}

function reduce(value: bigint, base: bigint, suffixes: readonly string[]): string {
  let index = 0;
  while (value % base === 0n && index < suffixes.length - 1) {
    value /= base;
    index += 1;
  }
  return `${value}${suffixes[index] ?? ""}`;
}
