const decimalSuffixes = ["m", "", "k", "M", "G", "T", "P", "E"];
const binarySuffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

/**
 * Thousandths of a unit in a quantity as the API server stores it (`250m`, `2`, `512Mi`): it stores no
 * fractions. https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 *
 * @throws Error, a sentence, for a text that is no such quantity.
 */
export function thousandths(quantity: string): bigint {
  const [, amount, suffix = ""] = /^(\d+)(m|k|[MGTPE]|[KMGTPE]i)?$/.exec(quantity) ?? [];
  if (amount === undefined) throw new Error(`"${quantity}" is no quantity; write it like 500m, 2 or 512Mi.`);
  const unit = suffix.endsWith("i")
    ? 1000n * 1024n ** BigInt(binarySuffixes.indexOf(suffix))
    : 1000n ** BigInt(decimalSuffixes.indexOf(suffix));
  return BigInt(amount) * unit;
}
