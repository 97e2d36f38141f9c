import {
  accessSync,
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
} from "node:fs";
import { homedir } from "node:os";
import { basename, delimiter, dirname, join } from "node:path";
import type { LocalWorkspaceOptions, Stack } from "@pulumi/pulumi/automation/index.js";

const repository = join(import.meta.dirname, "..");
const packageJson = JSON.parse(readFileSync(join(repository, "package.json"), "utf8")) as {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
};

/** The providers whose packages the program has; the engine wants a plugin of the same version for each. */
const allProviders = ["kubernetes", "command"];

/** What the program consists of, for a working folder beside the repository: the root's modules among it. */
const programFiles = [
  ...["Pulumi.yaml", "package.json", "components"],
  ...readdirSync(repository).filter((file) => file.endsWith(".ts") && !file.endsWith(".config.ts")),
];

/** Pulumi's home on this machine: where the CLI keeps its versions and plugins. */
function pulumiHome(): string {
  return process.env["PULUMI_HOME"] ?? join(homedir(), ".pulumi");
}

/**
 * The real Pulumi CLI: what `PULUMI_CLI` names, else the first `pulumi` on PATH outside node_modules (inside
 * is the shim, which would download one), else the one that the shim has downloaded before. Nothing is ever
 * downloaded.
 */
export function findPulumiCli(): string | undefined {
  const version = packageJson.devDependencies["pulumi"] ?? "";
  const onPath = (process.env["PATH"] ?? "")
    .split(delimiter)
    .filter((folder) => folder !== "" && !folder.split("/").includes("node_modules"))
    .map((folder) => join(folder, "pulumi"));
  const named = process.env["PULUMI_CLI"];
  const candidates = named ? [named] : [...onPath, join(pulumiHome(), "versions", version, "bin", "pulumi")];
  return candidates.find(isExecutable);
}

/**
 * One sentence that says what is missing to run the engine here and what to do, or `undefined`.
 *
 * @param providers those that the program uses; all of this project's by default.
 */
export function missingEngine(providers: readonly string[] = allProviders): string | undefined {
  if (findPulumiCli() === undefined) {
    return "There is no Pulumi CLI here (PULUMI_CLI, PATH, or the cache of `npx pulumi`): run `npx pulumi version` where there is internet access, or set PULUMI_CLI.";
  }
  const missing = providers.filter((provider) => !hasPlugin(provider)).map(pluginName);
  if (missing.length === 0) return undefined;
  const [, provider = "", version = ""] = /^(\w+) (.*)$/.exec(missing[0] ?? "") ?? [];
  return `The Pulumi plugin ${missing.join(" and ")} is not installed: run \`npx pulumi plugin install resource ${provider} ${version}\` where there is internet access.`;
}

function pluginName(provider: string): string {
  return `${provider} ${packageJson.dependencies[`@pulumi/${provider}`] ?? ""}`;
}

function hasPlugin(provider: string): boolean {
  const binary = `pulumi-resource-${provider}`;
  const version = packageJson.dependencies[`@pulumi/${provider}`] ?? "";
  return (
    existsSync(join(pulumiHome(), "plugins", `resource-${provider}-v${version}`, binary)) ||
    (process.env["PATH"] ?? "").split(delimiter).some((folder) => isExecutable(join(folder, binary)))
  );
}

/**
 * A stack of the program, run by the real CLI against a cluster: state in a folder (`file://`), a Pulumi home
 * of its own that shares the machine's plugins, and a copy of the program, because the CLI writes into its
 * working folder (`encryptionsalt` in Pulumi.<stack>.yaml).
 *
 * @param config the stack's configuration file; it is copied.
 * @throws Error, the sentence of `missingEngine`, if there is no engine.
 */
export async function engineStack(args: {
  readonly folder: string;
  readonly stack: string;
  readonly config: string;
  readonly kubeconfig: string;
  /** Folder of another program than this project's. */
  readonly program?: string;
  /** Providers that it uses; all of this project's by default. */
  readonly providers?: readonly string[];
}): Promise<Stack> {
  const missing = missingEngine(args.providers);
  const cli = findPulumiCli();
  if (missing !== undefined || cli === undefined) throw new Error(missing);

  const [workDir, home, state] = ["program", "home", "state"].map((name) => join(args.folder, name)) as [
    string,
    string,
    string,
  ];
  for (const folder of [workDir, home, state]) mkdirSync(folder, { recursive: true });
  const { program = repository } = args;
  const files = args.program === undefined ? programFiles : readdirSync(program);
  for (const file of files) cpSync(join(program, file), join(workDir, file), { recursive: true });
  linkOnce(join(repository, "node_modules"), join(workDir, "node_modules"));
  linkOnce(join(pulumiHome(), "plugins"), join(home, "plugins"));
  const stackFile = join(workDir, `Pulumi.${args.stack}.yaml`);
  if (!existsSync(stackFile)) cpSync(args.config, stackFile);

  // Loading it takes a second, which only those who ask for the engine should wait for.
  const { LocalWorkspace, PulumiCommand } = await import("@pulumi/pulumi/automation/index.js");
  const options: LocalWorkspaceOptions = {
    pulumiHome: home,
    pulumiCommand: await PulumiCommand.get({ root: installation(cli, args.folder) }),
    envVars: {
      KUBECONFIG: args.kubeconfig,
      PULUMI_BACKEND_URL: `file://${state}`,
      // The stack has no secrets, and its state lives and dies with the cluster.
      PULUMI_CONFIG_PASSPHRASE: "",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      PULUMI_SKIP_UPDATE_CHECK: "true",
    },
  };
  return LocalWorkspace.createOrSelectStack({ stackName: args.stack, workDir }, options);
}

/** The Automation API takes an installation, the folder above `bin/pulumi`. */
function installation(cli: string, folder: string): string {
  if (basename(cli) === "pulumi" && basename(dirname(cli)) === "bin") return dirname(dirname(cli));
  mkdirSync(join(folder, "cli", "bin"), { recursive: true });
  linkOnce(cli, join(folder, "cli", "bin", "pulumi"));
  return join(folder, "cli");
}

function linkOnce(target: string, link: string): void {
  if (existsSync(target) && !existsSync(link)) symlinkSync(target, link);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
