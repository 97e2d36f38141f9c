import { dump } from "js-yaml";
import { project } from "../settings.ts";
import { exampleOf } from "./setting-examples.ts";
import { propertiesOf, settingsSchema, type JsonSchema } from "./settings-schema.ts";

/**
 * The `config:` entries of Pulumi.yaml. Every entry has a default, because the engine demands a value from
 * each stack for one that has none. It knows no nested keys: those are in docs/settings.md, and checked by
 * the program.
 */
export function pulumiConfig(): string {
  const withDefault = Object.entries(settingsSchema.properties ?? {}).filter(
    ([, setting]) => setting.default !== undefined,
  );
  const entries = withDefault.map(([key, { description, type, default: value }]) => [
    key,
    { description, type, default: value },
  ]);
  return dump(Object.fromEntries(entries), { lineWidth: -1 }).trimEnd().replaceAll(/^/gm, "  ");
}

/** docs/settings.md: a chapter per key of a stack's file, a section per setting in it. */
export function settingsSections(): string {
  return Object.entries(settingsSchema.properties ?? {})
    .flatMap(([key, setting]) => [
      `## \`${key}\``,
      ...(propertiesOf(setting)
        ? [setting.description ?? "", ...leaves(setting, key).flatMap((leaf) => section(leaf, "###"))]
        : section({ key, setting, required: false }, undefined)),
    ])
    .join("\n\n");
}

/** Every setting that holds a value, by its whole key. */
export function settingKeys(): string[] {
  return leaves(settingsSchema, "").map(({ key }) => key);
}

interface Leaf {
  readonly key: string;
  readonly setting: JsonSchema;
  /** Whether it must be there if its group is. */
  readonly required: boolean;
}

function leaves(group: JsonSchema, path: string): Leaf[] {
  return Object.entries(propertiesOf(group) ?? {}).flatMap(([name, setting]) => {
    const key = path === "" ? name : `${path}.${name}`;
    if (propertiesOf(setting)) return leaves(setting, key);
    return [{ key, setting, required: group.required?.includes(name) ?? false }];
  });
}

function section({ key, setting, required }: Leaf, heading: string | undefined): string[] {
  const lines = [
    `- Type: ${typeName(setting)}`,
    `- Default: ${defaultText(setting, required)}`,
    ...(setting.expected === undefined ? [] : [`- Write: ${setting.expected}`]),
    ...fields(setting),
  ];
  return [
    ...(heading === undefined ? [] : [`${heading} \`${key}\``]),
    setting.description ?? "",
    lines.join("\n"),
    `\`\`\`yaml\n${exampleYaml(key)}\`\`\``,
  ];
}

/** A setting's example as it stands below `config:` in a stack's file. */
export function exampleYaml(key: string): string {
  const prefixed = Object.entries(exampleOf(key)).map(
    ([key, value]: [string, unknown]) => [`${project}:${key}`, value] as const,
  );
  return dump(Object.fromEntries(prefixed), { lineWidth: -1 });
}

function typeName(setting: JsonSchema): string {
  if (setting.secret) return "string, encrypted";
  if (setting.type === "array") return "list";
  return setting.type === "object" ? "map" : (setting.type ?? "any");
}

function defaultText({ default: value }: JsonSchema, required: boolean): string {
  if (required) return "none; it must be set where its group is";
  return value === undefined ? "none" : `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
}

/** The settings of each item of a list, or of each value of a map. */
function fields({ items, additionalProperties }: JsonSchema): string[] {
  const item = items ?? (typeof additionalProperties === "object" ? additionalProperties : undefined);
  if (!item?.properties) return [];
  return [
    `- Each ${items ? "item" : "value"}:`,
    ...leaves(item, "").map(
      ({ key, setting, required }) =>
        `  - \`${key}\`: ${setting.description ?? ""} Write ${setting.expected ?? ""}.${required || setting.default !== undefined ? ` Default: ${defaultText(setting, required)}.` : ""}`,
    ),
  ];
}
