import { stackAnnotation } from "./annotation.ts";

/** An object by its name, and what to do where another stack has it. */
export interface ClaimedObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  /** Completes the sentence "… belongs to the stack X;". */
  readonly otherwise: string;
}

/** What is known of an object that exists. */
export interface ExistingObject {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
}

/**
 * The objects among those that a stack is about to create that belong to another stack already.
 *
 * @param found the existing object for each that was asked for, in the same order; `undefined` where there is
 *   none.
 * @returns a sentence for each. Objects that name no stack are left to the API server's own refusal.
 */
export function conflicts(
  claimed: readonly ClaimedObject[],
  found: readonly (ExistingObject | undefined)[],
  own: string,
): string[] {
  return claimed.flatMap(({ kind, metadata: { namespace, name }, otherwise }, index) => {
    const owner = found[index]?.metadata?.annotations?.[stackAnnotation];
    if (owner === undefined || owner === own) return [];
    const object = `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
    return [`${object} belongs to the stack ${owner}; ${otherwise}.`];
  });
}
