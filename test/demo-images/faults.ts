import { dirname } from "node:path";
import { environment } from "../../components/demo/environment.ts";
import { podTemplate } from "../../components/demo/pod-template.ts";
import { portOf, type Row } from "../../components/demo/table.ts";
import { imageReference } from "../../components/image.ts";
import { otelAgentDestination } from "../../components/otel-agent/destination.ts";
import type { DemoImage, DemoImages } from "./demo-image.ts";

const destination = otelAgentDestination("open-telemetry");

/** Why a row does not fit its image, in sentences. */
export function faults(row: Row, images: DemoImages): string[] {
  const reference = imageReference(row.service.image);
  const image = images[reference];
  if (image === undefined) return [`${reference} is not known.`];
  return [
    ...portFaults(row, image),
    ...variableFaults(row, image),
    ...callFaults(row, image, images),
    ...podFaults(row, image),
    ...probeFaults(row, image),
    ...(image.listens && image.implements.length === 0
      ? ["The image implements nothing that it could be asked."]
      : []),
  ];
}

/**
 * Variables of the container, `$(NAME)` replaced as the kubelet does; those of a field or a Secret are what
 * they refer to.
 */
function variables(row: Row): Record<string, string> {
  const values: Record<string, string> = {};
  for (const one of environment(row, destination)) {
    const { name, value, valueFrom } = one as { name: string; value?: string; valueFrom?: unknown };
    values[name] = (value ?? JSON.stringify(valueFrom)).replace(
      /\$\((\w+)\)/g,
      (_, other: string) => values[other] ?? "",
    );
  }
  return values;
}

function portFaults(row: Row, { listens }: DemoImage): string[] {
  const port = portOf(row.service);
  if (listens === undefined || port === undefined)
    return listens === port ? [] : ["The image and the row do not agree whether it listens."];
  const told = listens.variable === undefined ? undefined : variables(row)[listens.variable];
  const number = told === undefined ? listens.port : Number(/\d+$/.exec(told)?.[0]);
  return number === port.number && listens.protocol === port.protocol
    ? []
    : [
        `The image listens on ${number ?? "nothing"} (${listens.protocol}), and the row says ${port.number} (${port.protocol}); the image reads ${listens.variable ?? "no variable"}.`,
      ];
}

function variableFaults(row: Row, image: DemoImage): string[] {
  const { service } = row;
  const given = Object.keys(variables(row));
  const asked = (image.asks ?? []).flatMap(({ variable }) => variable ?? []);
  const known = [
    ...(image.listens?.variable === undefined ? [] : [image.listens.variable]),
    ...asked,
    ...(image.mandatory ?? []),
    ...(image.optional ?? []),
    ...(service.sdk?.reads ?? []),
    ...(image.language === "java" ? ["JAVA_TOOL_OPTIONS"] : []),
  ];
  // Other variables, configuration files and probes refer to some.
  const text = JSON.stringify([environment(row, destination), service.files?.content, service.probes]);
  const isReferredTo = (name: string) => new RegExp(`\\$[({]?${name}\\b`).test(text);
  const missing = [...asked, ...(image.mandatory ?? [])].filter((name) => !given.includes(name));
  return [
    ...missing.map((name) => `The image needs ${name}, which the row does not set.`),
    ...given
      .filter((name) => !known.includes(name) && !isReferredTo(name))
      .map((name) => `The row sets ${name}, which the image does not read.`),
    ...(image.language === service.language ? [] : [`The image is ${image.language}.`]),
  ];
}

function callFaults({ demo, service }: Row, image: DemoImage, images: DemoImages): string[] {
  const asks = image.asks ?? [];
  const calls = Object.entries(service.calls ?? {}).map(([to, call]) => {
    const callee = demo.services[to];
    const reference = callee === undefined ? "" : imageReference(callee.image);
    return { to, call, offered: images[reference]?.implements ?? [] };
  });
  return [
    ...asks.flatMap(({ of, variable, as = "host:port" }) => {
      const answering = calls.find(({ offered }) => offered.includes(of));
      if (answering === undefined)
        return [`The image asks ${of} of others, and none that it calls implements it.`];
      const { to, call } = answering;
      const [toldBy, toldAs = "host:port"] = "variable" in call ? [call.variable, call.as] : [];
      return toldBy === variable && toldAs === as
        ? []
        : [`The image is told the address of ${to} by ${variable ?? "a registry"}, as ${as}.`];
    }),
    ...calls
      .filter(({ offered }) => !asks.some(({ of }) => offered.includes(of)))
      .map(({ to }) => `The row calls ${to}, of which the image asks nothing.`),
  ];
}

function podFaults(row: Row, image: DemoImage): string[] {
  const { service } = row;
  const spec = podTemplate(row, { destination }).spec as {
    nodeSelector?: Record<string, string>;
    containers: { workingDir?: string; command?: string[] }[];
  };
  const [container] = spec.containers;
  const selected = spec.nodeSelector?.["kubernetes.io/arch"];
  const folders = Object.keys(service.files?.content ?? {}).map((path) => dirname(path));
  return [
    ...(selected === image.architecture
      ? []
      : [
          `The image is built for ${image.architecture ?? "several architectures"}, and the pod may run on ${selected ?? "any"}.`,
        ]),
    ...(image.readsWorkingDirectory && folders.some((folder) => folder !== container?.workingDir)
      ? [
          `The image reads its files from the working directory, which the row does not set to ${folders.join()}.`,
        ]
      : []),
    ...(image.allocatesPerFile && !/^ulimit -n \d+; exec /.test(container?.command?.[2] ?? "")
      ? ["The image allocates memory for every file that it may open, and the row does not limit them."]
      : []),
    ...(same(service.capabilities, image.capabilities)
      ? []
      : [`The image needs the capabilities ${image.capabilities?.join() ?? "none"}.`]),
    ...(service.user === undefined || same(service.user, image.user)
      ? []
      : [`The image is not known to run as ${service.user.uid}:${service.user.gid}.`]),
  ];
}

/** A Java agent that a row adds traces what the agents of images trace. */
function probeFaults(row: Row, image: DemoImage): string[] {
  const traces = image.traces ?? (row.service.javaAgent ? ["http"] : []);
  const count = tracedProbesPerMinute(row, traces);
  return count === 0 ? [] : [`The image's tracer records the row's probes, ${count} traces a minute.`];
}

function tracedProbesPerMinute(row: Row, traces: readonly string[]): number {
  const [container] = (podTemplate(row, { destination }).spec as { containers: Probed[] }).containers;
  const probes = [container?.readinessProbe, container?.livenessProbe].filter((probe) => probe !== undefined);
  return probes
    .filter(({ grpc, httpGet }) => traces.includes(grpc ? "grpc" : httpGet ? "http" : "tcp"))
    .reduce((sum, { periodSeconds }) => sum + 60 / periodSeconds, 0);
}

interface Probe {
  readonly grpc?: object;
  readonly httpGet?: object;
  readonly periodSeconds: number;
}

interface Probed {
  readonly readinessProbe?: Probe;
  readonly livenessProbe?: Probe;
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
