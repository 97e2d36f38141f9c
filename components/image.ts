/**
 * A container image in the parts that a stack may replace one by one.
 *
 * `registry` is the host and, for some mirrors, a path below it (`mirror.example.com/dockerhub`). `digest`
 * (`sha256:…`) is what the kubelet pulls when it is given; a `tag` beside it only tells people the version.
 */
export interface Image {
  readonly registry: string;
  readonly repository: string;
  readonly tag?: string | undefined;
  readonly digest?: string | undefined;
  /** The only architecture that it is built for, as nodes name it. Default: several, or not known. */
  readonly architecture?: "amd64" | "arm64" | undefined;
}

/**
 * The reference for a pod: `registry/repository[:tag][@digest]`. `mirror`, if given, replaces the registry.
 */
export function imageReference(image: Image, mirror?: string): string {
  const tag = image.tag === undefined ? "" : `:${image.tag}`;
  const digest = image.digest === undefined ? "" : `@${image.digest}`;
  return `${mirror ?? image.registry}/${image.repository}${tag}${digest}`;
}
