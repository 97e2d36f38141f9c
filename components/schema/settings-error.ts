import * as pulumi from "@pulumi/pulumi";

/**
 * Everything that is wrong with settings: one sentence each, all of them at once. Nothing has been registered
 * then.
 */
export class SettingsError extends pulumi.RunError {
  readonly sentences: readonly string[];

  constructor(sentences: readonly string[]) {
    const count = sentences.length === 1 ? "One setting is" : `${sentences.length} settings are`;
    super(`${count} not usable; nothing was changed.\n${sentences.map((line) => `  - ${line}`).join("\n")}`);
    this.sentences = sentences;
  }
}
