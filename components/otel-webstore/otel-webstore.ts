import type * as pulumi from "@pulumi/pulumi";
import { parseDemoArgs, type DemoArgs } from "../demo/args.ts";
import { DemoComponent } from "../demo/demo.ts";
import { resolveDemo } from "../demo/resolve.ts";
import { otelWebStoreSettings, type ImageSetName } from "./settings.ts";
import { otelWebStoreTable } from "./table.ts";

/** Arguments of an `OtelWebStore`. */
export interface OtelWebStoreArgs extends DemoArgs {
  /** `v0.1.0-alpha`, the default: upstream's release. `documents`: the images of DeepFlow's documents. */
  readonly imageSet?: ImageSetName | undefined;
  /** Tag of all images of the set `documents`, which have none but `latest`; needed there, and only there. */
  readonly imageTag?: string | undefined;
}

/** The OTel WebStore: a dozen services in Go, C#, Node.js, Python, Java and Ruby, which speak gRPC. */
export class OtelWebStore extends DemoComponent {
  /** @throws SettingsError with a sentence for everything that cannot be deployed. */
  constructor(name: string, args: OtelWebStoreArgs, opts?: pulumi.ComponentResourceOptions) {
    const { settings, context } = parseDemoArgs(otelWebStoreSettings, args, "OtelWebStore");
    const resolved = resolveDemo(otelWebStoreTable(settings), settings, context);
    super("deepflow-otel:otel-webstore:OtelWebStore", name, resolved, {}, opts);
  }
}
