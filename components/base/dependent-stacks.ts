import { readFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "js-yaml";
import { z } from "zod";
import { stacksIn } from "./stack-files.ts";
import { shortStackName } from "./stack-name.ts";

const stackFile = z.looseObject({ config: z.looseObject({ "deepflow-otel:base": z.string() }) });

/** The stacks whose `Pulumi.<stack>.yaml` in a folder names a stack as their base, in alphabetical order. */
export function dependentStacks(folder: string, base: string): string[] {
  return stacksIn(folder).filter((stack) => baseOf(join(folder, `Pulumi.${stack}.yaml`)) === base);
}

function baseOf(path: string): string | undefined {
  try {
    const parsed = stackFile.safeParse(load(readFileSync(path, "utf8")));
    return parsed.success ? shortStackName(parsed.data.config["deepflow-otel:base"]) : undefined;
  } catch {
    // Whose file it is has to be told that it is not YAML, not this stack.
    return undefined;
  }
}

/**
 * What stands against taking a base away.
 *
 * @param listed what `pulumi stack ls --json` printed.
 * @returns a sentence, or `undefined` if no dependent stack has resources.
 */
export function refusal(base: string, dependents: readonly string[], listed: string): string | undefined {
  const stacks = z
    .array(z.looseObject({ name: z.string(), resourceCount: z.number().optional() }))
    .parse(JSON.parse(listed));
  const deployed = dependents.filter((dependent) =>
    stacks.some(({ name, resourceCount = 0 }) => shortStackName(name) === dependent && resourceCount > 0),
  );
  if (deployed.length === 0) return undefined;
  const first = deployed.map((stack) => `\`pulumi destroy --stack ${stack}\``).join(" and ");
  return `The stack ${base} stays: ${deployed.join(" and ")} ${deployed.length === 1 ? "sends" : "send"} spans to its Collectors, which would be lost. Run ${first} first.`;
}
