import { chmod, chown, mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import type { V1DownwardAPIVolumeFile, V1Pod, V1Volume } from "@kubernetes/client-node";
import { fieldValue, resourceValue } from "./downward.ts";
import type { Entries, PodObjects } from "./pod-objects.ts";

/** A file of a volume. */
export interface VolumeFile {
  /** Relative to the volume. */
  path: string;
  content: Buffer;
  /** Permission bits. */
  mode: number;
}

/** The files of a volume, or "writable" for one that starts empty and is written to. */
export type VolumeContent = VolumeFile[] | "writable";

/**
 * What a kubelet would put into `volume`: its files, or "writable" for one that starts empty and is written
 * to.
 *
 * @throws Error when something that the volume refers to does not exist and is not optional, when a path
 * leaves the volume, and for kinds of volume that are not supported here.
 */
export function volumeContent(pod: V1Pod, volume: V1Volume, objects: PodObjects): VolumeContent {
  const { configMap, secret, downwardAPI, projected, emptyDir } = volume;
  if (emptyDir) return "writable";
  if (configMap) return keyFiles("ConfigMap", configMap, objects.configMaps, configMap.defaultMode);
  if (secret) {
    const { secretName: name, items, optional, defaultMode } = secret;
    return keyFiles("Secret", { name, items, optional }, objects.secrets, defaultMode);
  }
  if (downwardAPI) return downwardFiles(pod, downwardAPI.items, objects, downwardAPI.defaultMode);
  if (projected) {
    const mode = projected.defaultMode;
    return (projected.sources ?? []).flatMap((source) => {
      if (source.configMap) return keyFiles("ConfigMap", source.configMap, objects.configMaps, mode);
      if (source.secret) return keyFiles("Secret", source.secret, objects.secrets, mode);
      if (source.downwardAPI) return downwardFiles(pod, source.downwardAPI.items, objects, mode);
      if (source.serviceAccountToken) {
        const { path } = source.serviceAccountToken;
        return [file(path, Buffer.from(objects.tokens.get(`${volume.name}/${path}`) ?? ""), mode)];
      }
      throw unsupported(`projected volume ${volume.name}`, source);
    });
  }
  throw unsupported(`volume ${volume.name}`, volume);
}

function unsupported(what: string, source: object): Error {
  const kind = Object.keys(source).find((key) => key !== "name") ?? "nothing";
  return new Error(
    `The ${what} is of the kind ${kind}, which simulated nodes do not have; ` +
      `configMap, secret, emptyDir, downwardAPI, projected and a hostPath of type DirectoryOrCreate work.`,
  );
}

/** What a ConfigMap, a Secret and their projections have in common. */
interface KeySource {
  name?: string | undefined;
  items?: readonly { key: string; path: string; mode?: number }[] | undefined;
  optional?: boolean | undefined;
}

function keyFiles(
  kind: "ConfigMap" | "Secret",
  { name = "", items, optional }: KeySource,
  known: ReadonlyMap<string, Entries>,
  defaultMode?: number,
): VolumeFile[] {
  const entries = known.get(name);
  if (entries === undefined) {
    if (optional === true) return [];
    throw new Error(`${kind} ${name}, which a volume is made from, does not exist.`);
  }
  const all: KeySource["items"] = Object.keys(entries).map((key) => ({ key, path: key }));
  return (items ?? all).flatMap(({ key, path, mode }) => {
    const content = entries[key];
    if (content !== undefined) return [file(path, content, mode ?? defaultMode)];
    if (optional === true) return [];
    throw new Error(`${kind} ${name}, which a volume is made from, has no key ${key}.`);
  });
}

function downwardFiles(
  pod: V1Pod,
  items: V1DownwardAPIVolumeFile[] = [],
  objects: PodObjects,
  defaultMode?: number,
): VolumeFile[] {
  return items.map(({ path, mode, fieldRef, resourceFieldRef }) => {
    const text = fieldRef
      ? fieldValue(pod, fieldRef)
      : resourceFieldRef
        ? resourceValue(pod, resourceFieldRef.containerName ?? "", resourceFieldRef, objects.allocatable)
        : "";
    return file(path, Buffer.from(text), mode ?? defaultMode);
  });
}

/** 0644 is what the API server fills in for every defaultMode that is left out. */
function file(path: string, content: Buffer, mode = 0o644): VolumeFile {
  const inside = normalize(path);
  if (inside.startsWith("/") || inside.split("/")[0] === "..") {
    throw new Error(`The path ${path} leaves the volume that it is in.`);
  }
  return { path: inside, content, mode };
}

/**
 * Puts a volume's content into the folder `directory`, which it creates.
 *
 * @param fsGroup Group that may read the files, of the pod's security context; undefined leaves them as they
 * are.
 */
export async function writeVolume(
  directory: string,
  content: VolumeContent,
  fsGroup?: number,
): Promise<void> {
  await mkdir(directory, { recursive: true });
  if (content === "writable") {
    // Any user of the pod may write here, whatever the umask was.
    await chmod(directory, 0o777);
    return;
  }
  for (const { path, content: bytes, mode } of content) {
    const file = join(directory, path);
    await mkdir(dirname(file), { recursive: true });
    // A file that is only readable cannot be written anew without being removed.
    await rm(file, { force: true });
    await writeFile(file, bytes);
    if (fsGroup !== undefined) await chown(file, 0, fsGroup);
    await chmod(file, fsGroup === undefined ? mode : mode | 0o440);
  }
}
