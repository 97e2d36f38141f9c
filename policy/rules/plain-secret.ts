import type { KubernetesObject } from "../../render/objects.ts";
import { findingOf } from "../finding.ts";
import { podsOf } from "../pods.ts";
import type { Rule } from "../rule.ts";

/** No password or token is in a ConfigMap, or in a container's variables, command or arguments. */
export const plainSecret: Rule = ({ objects }) => [
  ...podsOf(objects).flatMap(({ object, containers }) =>
    containers.flatMap(({ name, env = [], command = [], args = [] }) => [
      ...env
        .filter(({ name, value = "" }) => isSecret(name, value))
        .map((variable) => finding(object, `container ${name}, variable ${variable.name}`)),
      ...(secretsIn([...command, ...args].join("\n")) ? [finding(object, `container ${name}, command`)] : []),
    ]),
  ),
  ...objects.flatMap((object) => {
    const { data = {} } = object as KubernetesObject & { data?: Record<string, string> };
    if (object.kind !== "ConfigMap") return [];
    return Object.entries(data)
      .filter(([key, text]) => isSecret(key, text) || secretsIn(text))
      .map(([key]) => finding(object, `key ${key}`));
  }),
];

function finding(object: KubernetesObject, part: string) {
  return findingOf(
    "plain-secret",
    object,
    "Its value looks like a password or token in plain text.",
    "Put it into a Secret, and refer to that with secretKeyRef (setting otelAgent.secretEnv for the Collector).",
    part,
  );
}

const secretName =
  /(?:pass(?:word|wd|phrase)?|pwd|psw|token|secret|credentials?|authorization|(?:api|access|private)[-_.]?key)$/i;

/** Forms of secrets that need no name: keys in PEM, a URL's password, JSON web tokens, GitHub's and AWS's. */
const secretForms = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /:\/\/[^\s/:@$]+:[^\s/@$]+@/,
  /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]+/,
  /\bgh[pousr]_\w{30,}/,
  /\bAKIA[0-9A-Z]{16}\b/,
];

/** Whether a value is there in plain text: not a reference such as `$(NAME)`, `${NAME}`, `"$NAME"`. */
function isSecret(name: string, value: string): boolean {
  const plain = value.trim().replaceAll(/^["']|["']$/g, "");
  const refers = /^(?:Bearer |Basic )?\$[({A-Za-z]/.test(plain);
  // Empty, a switch, or a structure whose own lines say more.
  const isOther = /^(?:|true|false|null|~|[|>][-+]?|\{\}|\[\])$/.test(plain);
  return (secretName.test(name) && !isOther && !refers) || secretForms.some((form) => form.test(value));
}

/** Whether a text has a line, or an assignment in it, that gives a secret its value. */
function secretsIn(text: string): boolean {
  if (secretForms.some((form) => form.test(text))) return true;
  return [
    ...text.matchAll(
      /(?:^|[\s"'{,;])-{0,2}["']?([\w.-]+)["']?(?:[ \t]*=[ \t]*|[ \t]*:[ \t]+)([^\s,;}][^\n,;}]*)/gm,
    ),
  ].some(([, name = "", value = ""]) => isSecret(name, value));
}
