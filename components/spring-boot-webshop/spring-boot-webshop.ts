import type * as pulumi from "@pulumi/pulumi";
import { parseDemoArgs, type DemoArgs, type ImageOverride } from "../demo/args.ts";
import { DemoComponent } from "../demo/demo.ts";
import { resolveDemo } from "../demo/resolve.ts";
import { springBootWebShopSettings } from "./settings.ts";
import { springBootWebShopTable } from "./table.ts";

/** Arguments of a `SpringBootWebShop`. */
export interface SpringBootWebShopArgs extends DemoArgs {
  /** The OpenTelemetry Java agent; its image's tag is its version. Default: the operator's, 2.31.1. */
  readonly javaAgent?: { readonly image?: ImageOverride | undefined } | undefined;
  /** Passwords of the database. */
  readonly database?: DatabasePasswords | undefined;
}

export interface DatabasePasswords {
  /** Of MySQL's root. Default: generated when the stack is created, and kept, encrypted, in its state. */
  readonly rootPassword?: pulumi.Input<string> | undefined;
  /** Of the user `mydemo`. Default: `mydemo`, as the image has it; another one needs another image. */
  readonly mydemoPassword?: pulumi.Input<string> | undefined;
  /** Of the user `nacos`. Default: `nacos`, as the image has it; another one needs another image. */
  readonly nacosPassword?: pulumi.Input<string> | undefined;
}

/** The Spring Boot WebShop: five Java services, traced by the OpenTelemetry Java agent. */
export class SpringBootWebShop extends DemoComponent {
  /** @throws SettingsError with a sentence for everything that cannot be deployed. */
  constructor(
    name: string,
    { database = {}, ...args }: SpringBootWebShopArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    const { settings, context } = parseDemoArgs(springBootWebShopSettings, args, "SpringBootWebShop");
    const resolved = resolveDemo(springBootWebShopTable(settings), settings, context);
    const passwords = {
      "root-password": database.rootPassword,
      "mydemo-password": database.mydemoPassword ?? settings.database.mydemoPassword,
      "nacos-password": database.nacosPassword ?? settings.database.nacosPassword,
    };
    super("deepflow-otel:spring-boot-webshop:SpringBootWebShop", name, resolved, passwords, opts);
  }
}
