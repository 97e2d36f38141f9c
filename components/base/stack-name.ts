/** The stack itself of a name such as `dev` or `organization/deepflow-otel/dev`. */
export function shortStackName(stack: string): string {
  return stack.slice(stack.lastIndexOf("/") + 1);
}

/** A stack's name in full, as a StackReference takes it. */
export function fullStackName(
  stack: string,
  { organization, project }: { readonly organization: string; readonly project: string },
): string {
  return stack.includes("/") ? stack : `${organization}/${project}/${stack}`;
}
