/** `npm run connect`: the lines by which an application sends to where those of a stack do. */
import { join } from "node:path";
import { Command, Option } from "commander";
import { errorMessage } from "../components/error-message.ts";
import { languages, type LanguageName } from "../components/sdk/languages.ts";
import { connectText, exampleService, languagesText, networkPolicyText } from "./connect.ts";
import { stackIn } from "./stack.ts";

interface Options {
  readonly stack: string;
  readonly language?: LanguageName;
  readonly service: string;
  readonly networkPolicy?: true;
}

const { stack, language, service, networkPolicy } = new Command("npm run connect --")
  .description(
    "Prints the lines to add to a pod, so that its application sends to where a stack's applications do: no engine, no cluster. docs/applications.md explains them.",
  )
  .requiredOption("--stack <name>", "stack whose Pulumi.<name>.yaml says where to")
  .addOption(
    new Option("--language <name>", "language of the application; without one, all are listed").choices(
      Object.keys(languages),
    ),
  )
  .option("--service <name>", "name that DeepFlow shows for the application", exampleService)
  .option("--network-policy", "print the NetworkPolicy that a namespace needs which restricts egress")
  .addHelpText(
    "after",
    "\nExamples:\n  npm run connect -- --stack dev --language java --service shop\n  npm run --silent connect -- --stack dev --network-policy | kubectl apply -n my-namespace -f -",
  )
  .parse()
  .opts<Options>();

try {
  const { applications } = stackIn(join(import.meta.dirname, ".."), stack);
  if (networkPolicy) process.stdout.write(networkPolicyText(applications));
  else if (language) process.stdout.write(connectText(language, applications, service));
  else {
    console.log(
      `${languagesText(applications)}\n\nThe lines of one: npm run connect -- --stack ${stack} --language ${Object.keys(languages)[0] ?? ""}`,
    );
  }
} catch (error) {
  console.error(errorMessage(error));
  process.exitCode = 1;
}
