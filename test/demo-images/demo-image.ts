import type { Language, Protocol } from "../../components/demo/table.ts";

/**
 * What is known of an image of the demos by its sources. Tests compare rows with it, because no cluster of
 * this project runs the images themselves: a row that its image does not fit is found here, or on somebody's
 * cluster.
 */
export interface DemoImage {
  /** Repository, commit and files that this is from. */
  readonly source: string;
  readonly language: Language;
  /** None: it only calls. */
  readonly listens?: {
    readonly protocol: Protocol;
    /** Variable that says the port, alone or at the end of an address. */
    readonly variable?: string;
    /** The port where that variable is not set; none: the variable is mandatory. */
    readonly port?: number;
  };
  /** What others can ask of it: the services of its RPCs, or the protocol of a data store. */
  readonly implements: readonly string[];
  /** What it asks of others. */
  readonly asks?: readonly Ask[];
  /**
   * Variables without which it ends, or listens where nobody reaches it; those of ports and addresses apart.
   */
  readonly mandatory?: readonly string[];
  /** Further variables that it reads. */
  readonly optional?: readonly string[];
  /** Requests at its port of which instrumentation that is built in makes spans, health checks included. */
  readonly traces?: readonly ("grpc" | "http")[];
  /** The only architecture that it is built for. None: it is built for several. */
  readonly architecture?: "amd64";
  /**
   * It finds files that are not named by a variable in its working directory, of which it is not known which
   * one that is.
   */
  readonly readsWorkingDirectory?: true;
  /** User and group that it can run as with a read-only root file system. None: not known. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** Capabilities that it needs as root. */
  readonly capabilities?: readonly string[];
  /** It allocates memory for every file that its limit allows, so that it needs a limit of its own. */
  readonly allocatesPerFile?: true;
}

/** Something that an image asks of another. */
export interface Ask {
  readonly of: string;
  /** Variable with the callee's address. None: it asks a registry. */
  readonly variable?: string;
  /** How it reads that address. Default: `host:port`. */
  readonly as?: "host" | "url";
}

/** What is known of images, by their references. */
export type DemoImages = Readonly<Record<string, DemoImage>>;
