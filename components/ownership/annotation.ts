import * as pulumi from "@pulumi/pulumi";

/** Annotation that names the stack that an object belongs to, as `project/stack`. */
export const stackAnnotation = "deepflow-otel/stack";

/** The stack that a program runs for, as the annotation names it. */
export function ownStack(): string {
  return `${pulumi.getProject()}/${pulumi.getStack()}`;
}

/**
 * Annotations of the objects that a stack is told apart by: those of cluster-wide names, and those in
 * namespaces that are not its own.
 */
export function ownerAnnotations(): Readonly<Record<string, string>> {
  return { [stackAnnotation]: ownStack() };
}
