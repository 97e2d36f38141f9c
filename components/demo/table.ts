import type { Value } from "../env-var.ts";
import type { Image } from "../image.ts";
import { standardLabels } from "../labels.ts";
import type { Quantity } from "../quantity.ts";
import type { Sdk } from "../sdk/sdk.ts";

/** What a service is written in, or the data store that it is: colours in diagrams, and what a JVM needs. */
export type Language = "java" | "go" | "dotnet" | "nodejs" | "python" | "ruby" | "mysql" | "redis";

/** What is spoken at a port. A Service's port is named after it: DeepFlow, meshes and ingresses read that. */
export type Protocol = "grpc" | "http" | "mysql" | "redis";

/** A port of a service; containers, Services and policies know it by the name of its protocol. */
export interface Port {
  readonly number: number;
  readonly protocol: Protocol;
}

/** How a service learns the address of one that it calls. */
export type Call =
  | {
      /** Environment variable that gets the address. */
      readonly variable: string;
      /** How the address is spelled in it. Default: `host:port`. */
      readonly as?: "host:port" | "host" | "url";
    }
  /** From another service, where the callee registers the address of its pod (Dubbo does). */
  | { readonly registry: string };

/** A Secret of a demo. A table names passwords; their values are arguments of the demo's component. */
export interface SecretDeclaration {
  /** Its name in Pulumi, after the demo's and a hyphen. */
  readonly resourceName: string;
  /** What whoever creates it by hand has to know. */
  readonly description: string;
  /** By its keys, the names of the passwords that are their values. One that nobody gives is generated. */
  readonly passwords: Readonly<Record<string, string>>;
}

/**
 * What a probe does: `tcp` opens a connection to the first port and closes it, `http` is the path of a GET
 * request at that port, `exec` a command that has to end with 0.
 *
 * There is no gRPC probe, and HTTP is only for what has no SDK: instrumentation makes a trace of each
 * request, probes included, and at the periods of `probes.ts` that is 9 a minute of each service
 * (measured: 9 spans for 9 calls of a gRPC health endpoint under OpenTelemetry's instrumentation of grpc-js,
 * none for 9 connections). To drop them in the Collector would cost a look at every span there is, and would
 * not help in topology `direct`.
 */
export type ProbeHandler =
  { readonly tcp: true } | { readonly http: string } | { readonly exec: readonly string[] };

/**
 * One row of a demo's table: all that is known of a service, and the one place from which its Kubernetes
 * objects and its part of the call graph come.
 */
export interface Service {
  readonly language: Language;
  /** The OpenTelemetry SDK in it. None: DeepFlow sees it by eBPF only. */
  readonly sdk?: Sdk | undefined;
  /** `service.name` of its spans. Default: its name in Kubernetes. */
  readonly serviceName?: string;
  readonly image: Image;
  /** What it listens on, first the port that is called; none for a service that only calls. */
  readonly ports?: readonly Port[];
  /** Variable by which the image is told its first port. */
  readonly portVariable?: string | undefined;
  /** The services that it calls, by their names. */
  readonly calls?: Readonly<Record<string, Call>>;
  /** The service where it registers its address, and the variable that tells it that address. */
  readonly registers?: { readonly at: string; readonly hostVariable: string };
  readonly environment?: Readonly<Record<string, Value>>;
  /** The Secrets that come with it, by name; every row's environment may refer to them. */
  readonly secrets?: Readonly<Record<string, SecretDeclaration>>;
  /** Memory limit (and request) in MiB. A JVM's heap follows from it. */
  readonly memoryMib: number;
  /** CPU that the scheduler reserves. Default: 50m. */
  readonly cpu?: string;
  /** GiB that its pod may write to the node's disk: logs, files, data without a volume. Default: 1. */
  readonly ephemeralStorageGib?: number;
  /**
   * `readiness` is also the startup probe; `liveness` is by default the same. Default: TCP, which proves what
   * the health endpoints of the demos' services would: they say yes whatever happens (but for the documents'
   * cart, which pings Redis). A service without ports has no default.
   */
  readonly probes?: { readonly readiness?: ProbeHandler; readonly liveness?: ProbeHandler };
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  /** Default: the image's own. */
  readonly workingDir?: string;
  /** Text files that it finds, by absolute path; they live in the ConfigMap `name`. */
  readonly files?: { readonly configMap: string; readonly content: Readonly<Record<string, string>> };
  /** Where it keeps data. One that does is a StatefulSet. */
  readonly data?: { readonly path: string };
  /** User and group of an image that is known to run without root and with a read-only root file system. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** Linux capabilities that an entry point which starts as root cannot do without. */
  readonly capabilities?: readonly string[];
  /** Puts an OpenTelemetry Java agent into the container; for images that have none. */
  readonly javaAgent?: Image;
  /** Default: 1. */
  readonly replicas?: number;
}

/** The services of a demo, by their names in Kubernetes. */
export type Services = Readonly<Record<string, Service>>;

/** An application as data: all that is known of it before a stack says where and how to deploy it. */
export interface Table {
  /** Name of the application (`app.kubernetes.io/part-of`). */
  readonly name: string;
  readonly title: string;
  readonly services: Services;
  /** The service that people open. */
  readonly frontEnd: string;
  /** Further variables of DeepFlow's dashboard, beside the namespace. */
  readonly dashboardVariables?: Readonly<Record<string, string>>;
}

/** A table with a stack's settings in it. */
export interface Demo extends Table {
  readonly namespace: string;
  /** Who reaches the front end: pods, or also whoever reaches a node or a load balancer. */
  readonly frontEndType: "ClusterIP" | "NodePort" | "LoadBalancer";
  /** Storage for the services that keep data; without it their data ends with their pods. */
  readonly persistence?: Persistence | undefined;
  /** Whether a service whose SDK cannot send to the destination is an error. */
  readonly allServicesTraced: boolean;
}

/** Storage that outlives pods. */
export interface Persistence {
  /** Size of each volume. */
  readonly size: Quantity;
  /** Default: the cluster's own default class. */
  readonly storageClass?: string | undefined;
}

/** One service of a demo, with what it needs to know of the others. */
export interface Row {
  readonly demo: Demo;
  readonly name: string;
  readonly service: Service;
}

/** The rows of a demo's table. */
export function rows(demo: Demo): Row[] {
  return Object.entries(demo.services).map(([name, service]) => ({ demo, name, service }));
}

/** The port at which a service is called, probed and opened; none for one that only calls. */
export function portOf(service: Service | undefined): Port | undefined {
  return service?.ports?.[0];
}

/** `service.name` of a service's spans. */
export function serviceNameOf({ name, service }: Pick<Row, "name" | "service">): string {
  return service.serviceName ?? name;
}

/** Metadata of a service's objects. */
export function objectMetadata({ demo, name }: Row, objectName = name) {
  const { labels } = standardLabels(name, "demo", demo.name);
  return { name: objectName, namespace: demo.namespace, labels };
}

/** Labels of pods by which Services, policies and workloads find a service. */
export function selectorOf(demo: Pick<Demo, "name">, name: string): Record<string, string> {
  return standardLabels(name, "demo", demo.name).selector;
}
