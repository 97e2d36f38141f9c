import type { Socket } from "node:net";
import type { V1Container, V1Node, V1Pod } from "@kubernetes/client-node";
import type { Routes } from "../control-plane/control.ts";
import type { Toolchain } from "../toolchain/toolchain.ts";
import type { RunningProgram } from "./pod-process.ts";

/** A program of this machine that runs as a container's process. */
export interface Executable {
  /** Where it is on this machine. */
  readonly file: string;
  /** Where the image has it, which is also the image's entry point. */
  readonly path: string;
  /** Arguments used when the pod names neither command nor args. */
  readonly args: readonly string[];
  /** User and group id that the image runs as. */
  readonly user: number;
}

/** What a program that runs inside the supervisor is started with. */
export interface ContainerContext {
  readonly pod: V1Pod;
  readonly container: V1Container;
  /** Address of the pod's node. */
  readonly nodeAddress: string | undefined;
  /** Address of the pod that a connection comes from. */
  readonly senderOf: (connection: Socket) => Promise<string>;
  /** The pods and nodes that the API server has now, as a program that watches them would know. */
  readonly resources: () => { readonly pods: readonly V1Pod[]; readonly nodes: readonly V1Node[] };
  /** Adds a line to the container's output. */
  readonly log: (line: string) => void;
}

/** What runs for the containers of an image: a process, or a function of the supervisor. */
export type ImageProgram = { /** As `GET /pods` tells it. */ readonly name: string } & (
  | {
      /** @throws Error, a sentence, where nothing here can run this image. */
      readonly executable: (image: string) => Executable;
    }
  | { readonly start: (context: ContainerContext) => Promise<RunningProgram> }
);

/**
 * What runs for which image, by the last part of its repository: registry, tag and digest do not matter.
 * Containers of all other images stay simulated.
 */
export type ImagePrograms = Readonly<Record<string, ImageProgram>>;

/** What the pods of a cluster run, and the control routes of whatever it shares. */
export interface PodRuntime {
  readonly programs: ImagePrograms;
  readonly routes?: Routes;
}

/**
 * The default export of a module that a cluster is started with; it is called once, in the cluster's
 * supervisor.
 */
export type CreatePodRuntime = (toolchain: Toolchain) => PodRuntime;

/** The program that runs for `image`, or undefined if it is only simulated. */
export function programOf(programs: ImagePrograms, image = ""): ImageProgram | undefined {
  const repository = image.replace(/@.*$/, "").replace(/:[^/:]*$/, "");
  const name = repository.slice(repository.lastIndexOf("/") + 1);
  return Object.hasOwn(programs, name) ? programs[name] : undefined;
}

/** A regular expression for the references of the images that a program runs for. */
export function imagePattern(programs: ImagePrograms): string {
  return `(^|/)(${Object.keys(programs).join("|")})([:@].*)?$`;
}
