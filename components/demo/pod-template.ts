import type * as k8s from "@pulumi/kubernetes";
import type { Destination } from "../destination.ts";
import { ephemeralStorageLimit, ephemeralStorageRequest } from "../ephemeral-storage.ts";
import { imageReference } from "../image.ts";
import { standardLabels } from "../labels.ts";
import { Quantity } from "../quantity.ts";
import { claimName } from "./claim.ts";
import { environment, javaAgentFolder } from "./environment.ts";
import { fileKey, filesChecksum } from "./files.ts";
import { probes } from "./probes.ts";
import type { Row } from "./table.ts";

/** What a pod is made from besides its row. */
export interface PodTemplateArgs {
  readonly destination: Destination;
  /** Replaces the registries of all images. Default: each image's own. */
  readonly imageRegistry?: string | undefined;
}

/** CPU at most: a JVM compiles its code while it starts, the others need little. */
const cpuLimits = { java: "2", others: "1" };

/**
 * The pod of a service: as strict as its image is known to allow. Where nothing is known of an image, it may
 * run as root and write to its file system (Pod Security `baseline`), with no capabilities beyond its row's.
 */
export function podTemplate(row: Row, args: PodTemplateArgs): k8s.types.input.core.v1.PodTemplateSpec {
  const { demo, name, service } = row;
  const { labels } = standardLabels(name, "demo", demo.name);
  const { user, files } = service;
  const volumes = storage(row).map(({ name, source }) => ({ name, ...source }));
  return {
    metadata: {
      labels,
      ...(files && { annotations: { "checksum/config": filesChecksum(files.content) } }),
    },
    spec: {
      // None of them asks the API server anything.
      automountServiceAccountToken: false,
      // A Service `mysql` of somebody else would set MYSQL_PORT=tcp://… in every pod of its namespace.
      enableServiceLinks: false,
      securityContext: {
        seccompProfile: { type: "RuntimeDefault" },
        ...(user && { runAsNonRoot: true, runAsUser: user.uid, runAsGroup: user.gid, fsGroup: user.gid }),
      },
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: "kubernetes.io/hostname",
          whenUnsatisfiable: "ScheduleAnyway",
          labelSelector: { matchLabels: { "app.kubernetes.io/part-of": demo.name } },
        },
      ],
      ...(service.image.architecture && {
        nodeSelector: { "kubernetes.io/arch": service.image.architecture },
      }),
      ...(service.javaAgent && {
        initContainers: [javaAgent(imageReference(service.javaAgent, args.imageRegistry))],
      }),
      containers: [container(row, args)],
      ...withContent("volumes", volumes),
    },
  };
}

function container(row: Row, args: PodTemplateArgs): k8s.types.input.core.v1.Container {
  const { name, service } = row;
  const { ports = [], command, args: ownArgs } = service;
  const memory = Quantity.ofMebibytes(service.memoryMib).toString();
  const mounts = storage(row).flatMap(({ name, mounts }) => mounts.map((mount) => ({ name, ...mount })));
  return {
    name,
    image: imageReference(service.image, args.imageRegistry),
    imagePullPolicy:
      service.image.tag === "latest" && service.image.digest === undefined ? "Always" : "IfNotPresent",
    ...(command && { command: [...command] }),
    ...(ownArgs && { args: [...ownArgs] }),
    ...(service.workingDir !== undefined && { workingDir: service.workingDir }),
    ...withContent("env", environment(row, args.destination)),
    ...withContent(
      "ports",
      ports.map(({ number, protocol }) => ({ name: protocol, containerPort: number, protocol: "TCP" })),
    ),
    resources: {
      requests: { cpu: service.cpu ?? "50m", memory, ...ephemeralStorageRequest },
      limits: {
        cpu: service.language === "java" ? cpuLimits.java : cpuLimits.others,
        memory,
        ...ephemeralStorageLimit(service.ephemeralStorageGib),
      },
    },
    ...probes(service),
    securityContext: {
      allowPrivilegeEscalation: false,
      ...(service.user && { readOnlyRootFilesystem: true }),
      capabilities: { drop: ["ALL"], ...(service.capabilities && { add: [...service.capabilities] }) },
    },
    ...withContent("volumeMounts", mounts),
  };
}

/** Copies the agent from the OpenTelemetry operator's image, in which anyone may read it, to the JVM's. */
function javaAgent(image: string): k8s.types.input.core.v1.Container {
  const resources = { cpu: "50m", memory: "64Mi", ...ephemeralStorageRequest };
  return {
    name: "java-agent",
    image,
    imagePullPolicy: "IfNotPresent",
    command: ["cp", "/javaagent.jar", `${javaAgentFolder}/javaagent.jar`],
    resources: { requests: resources, limits: { ...resources, ...ephemeralStorageLimit() } },
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 65534,
      runAsGroup: 65534,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
    volumeMounts: [{ name: "java-agent", mountPath: javaAgentFolder }],
  };
}

/** The volumes of a service's pod, each with where its container has it. */
function storage({ demo, name, service }: Row) {
  const { javaAgent, files, user, data } = service;
  const emptyDir = {};
  const kept = demo.persistence
    ? { persistentVolumeClaim: { claimName: claimName(name, demo.persistence) } }
    : { emptyDir };
  const mountFile = (path: string) => ({ mountPath: path, subPath: fileKey(path), readOnly: true });
  return [
    ...(javaAgent
      ? [
          {
            name: "java-agent",
            source: { emptyDir },
            mounts: [{ mountPath: javaAgentFolder, readOnly: true }],
          },
        ]
      : []),
    ...(files
      ? [
          {
            name: "files",
            source: { configMap: { name: files.configMap } },
            mounts: Object.keys(files.content).map(mountFile),
          },
        ]
      : []),
    ...(user ? [{ name: "tmp", source: { emptyDir }, mounts: [{ mountPath: "/tmp" }] }] : []),
    // Below the volume's root, where a new file system has a folder lost+found, which mysqld takes for data.
    ...(data ? [{ name: "data", source: kept, mounts: [{ mountPath: data.path, subPath: "data" }] }] : []),
  ];
}

/** The API server does not store what is empty, and every preview would show it as a difference. */
function withContent<Key extends string, T>(key: Key, items: T[]): Partial<Record<Key, T[]>> {
  return items.length > 0 ? ({ [key]: items } as Record<Key, T[]>) : {};
}
