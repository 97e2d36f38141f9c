import * as pulumi from "@pulumi/pulumi";
import { HostCollector } from "deepflow-otel/host-collector";

const config = new pulumi.Config();

new HostCollector("web", {
  host: config.require("host"),
  port: config.requireNumber("port"),
  user: config.require("user"),
  hostKey: config.require("hostKey"),
  privateKey: config.requireSecret("privateKey"),
  collector: config.require("collector"),
  version: config.get("version"),
  address: "192.0.2.20",
  resourceAttributes: { team: config.require("team") },
});
