import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** An image of a program, under the reference that pods name. */
export interface ProgramImage {
  /** With registry and tag, such as `docker.io/otel/opentelemetry-collector-contrib:0.149.0`. */
  readonly reference: string;
  /** The program on this machine. What it links to has to be among `others`, if it is not static. */
  readonly file: string;
  /** Where the image has it, which is also its entry point. */
  readonly path: string;
  /** Arguments used when the pod names neither command nor args. */
  readonly args: readonly string[];
  /** User and group id that it runs as. */
  readonly user: number;
  /** Further files of the image, from their path in it to that on this machine. */
  readonly others?: Readonly<Record<string, string>>;
  /** Folder that it starts in; the root by default. */
  readonly workingDir?: string;
}

/**
 * Writes an image as an archive that `ctr images import` reads, so that no registry is needed: an OCI image
 * layout of one layer (https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md).
 */
export function writeImage(archive: string, image: ProgramImage): void {
  const folder = mkdtempSync(join(tmpdir(), "image-"));
  try {
    const layer = layerOf(folder, image);
    const layout = join(folder, "layout");
    const blobs = join(layout, "blobs", "sha256");
    mkdirSync(blobs, { recursive: true });
    const add = (content: Buffer) => {
      const hash = createHash("sha256").update(content).digest("hex");
      writeFileSync(join(blobs, hash), content);
      return { digest: `sha256:${hash}`, size: content.length };
    };
    const addJson = (content: object) => add(Buffer.from(JSON.stringify(content)));
    const layerBlob = add(layer);
    const config = addJson(configOf(image, layerBlob.digest));
    const manifest = addJson({
      schemaVersion: 2,
      mediaType: `${oci}.manifest.v1+json`,
      config: { mediaType: `${oci}.config.v1+json`, ...config },
      layers: [{ mediaType: `${oci}.layer.v1.tar`, ...layerBlob }],
    });
    const named = {
      mediaType: `${oci}.manifest.v1+json`,
      ...manifest,
      annotations: { "io.containerd.image.name": image.reference },
    };
    writeFileSync(join(layout, "index.json"), JSON.stringify({ schemaVersion: 2, manifests: [named] }));
    writeFileSync(join(layout, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
    tar(archive, layout);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const oci = "application/vnd.oci.image";

function configOf({ path, args, user, workingDir = "/" }: ProgramImage, layer: string): object {
  return {
    architecture: process.arch === "x64" ? "amd64" : process.arch,
    os: "linux",
    config: { User: `${user}:${user}`, Entrypoint: [path], Cmd: args, WorkingDir: workingDir },
    rootfs: { type: "layers", diff_ids: [layer] },
  };
}

function layerOf(folder: string, { file, path, others }: ProgramImage): Buffer {
  const root = join(folder, "root");
  for (const [target, source] of Object.entries({ ...others, [path]: file })) {
    const copy = join(root, target);
    mkdirSync(dirname(copy), { recursive: true });
    copyFileSync(source, copy);
    chmodSync(copy, 0o755);
  }
  const archive = join(folder, "layer.tar");
  tar(archive, root);
  return readFileSync(archive);
}

function tar(archive: string, folder: string): void {
  execFileSync("tar", [
    "--create",
    "--numeric-owner",
    "--owner=0",
    "--group=0",
    "-f",
    archive,
    "-C",
    folder,
    ".",
  ]);
}
