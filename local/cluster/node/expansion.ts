/**
 * Replaces each `$(NAME)` that `variables` has, as the kubelet does in env values, command and args
 * (kubernetes third_party/forked/golang/expansion): `$$` escapes, an unknown name stays as it is.
 */
export function expand(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(/\$(\$|\(([^()]*)\))/g, (whole: string, escaped: string, name?: string) => {
    if (escaped === "$") return "$";
    return name !== undefined && Object.hasOwn(variables, name) ? (variables[name] ?? whole) : whole;
  });
}
