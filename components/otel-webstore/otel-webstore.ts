import * as pulumi from "@pulumi/pulumi";
import { deployDemo, type DemoArgs, type DemoOutputs } from "../demo/demo.ts";
import type { Demo } from "../demo/table.ts";

/** What an `OtelWebStore` is made from. */
export interface OtelWebStoreArgs extends DemoArgs {
  readonly demo: Demo;
}

/** The OTel WebStore, a demo of a dozen services in Go, C#, Node.js, Python, Java and Ruby that call each other over gRPC. */
export class OtelWebStore extends pulumi.ComponentResource {
  readonly outputs: DemoOutputs;

  constructor(name: string, args: OtelWebStoreArgs, opts?: pulumi.ComponentResourceOptions) {
    super("deepflow-otel:otel-webstore:OtelWebStore", name, {}, opts);
    this.outputs = deployDemo(name, args.demo, args, this);
    this.registerOutputs({ outputs: this.outputs });
  }
}
