import { errorMessage } from "../error-message.ts";
import { startOrder } from "./call-graph.ts";
import { minJvmMemoryMib } from "./jvm-memory.ts";
import { probeHandlers } from "./probes.ts";
import { portOf, rows, type Demo, type Row } from "./table.ts";

/**
 * What is wrong with a demo's table: sentences that name the row, the field, the value and the fix.
 */
export function tableErrors(demo: Demo): string[] {
  const keys = secretKeys(demo);
  const inRows = rows(demo).flatMap((row) => rowErrors(row, keys));
  const frontEnd =
    portOf(demo.services[demo.frontEnd]) === undefined
      ? [`${demo.title}: frontEnd is ${demo.frontEnd}, which is no service with a port; name one that has.`]
      : [];
  if (inRows.length + frontEnd.length > 0) return [...inRows, ...frontEnd];
  try {
    startOrder(demo);
    return [];
  } catch (error) {
    return [errorMessage(error)];
  }
}

/** Every key of every Secret that rows declare, as sentences name it. */
function secretKeys(demo: Demo): ReadonlySet<string> {
  return new Set(
    rows(demo).flatMap((row) =>
      Object.entries(row.service.secrets ?? {}).flatMap(([secret, { passwords }]) =>
        Object.keys(passwords).map((key) => `${key} of ${secret}`),
      ),
    ),
  );
}

function rowErrors(row: Row, keys: ReadonlySet<string>): string[] {
  const { demo, name, service } = row;
  const at = (field: string) => `${demo.title}, row ${name}, ${field}`;
  const { image, memoryMib, ports = [], portVariable, replicas = 1 } = service;
  const handlers = Object.values(probeHandlers(service) ?? {});
  return [
    ...(/^[a-z]([-a-z0-9]{0,50}[a-z0-9])?$/.test(name)
      ? []
      : [
          `${at("name")} is no name for a Service; write lower-case letters, digits and hyphens, at most 52.`,
        ]),
    ...(image.tag === undefined && image.digest === undefined
      ? [`${at("image")} is ${image.repository} without tag or digest, which would be latest; write one.`]
      : []),
    ...(service.language === "java" && memoryMib < minJvmMemoryMib
      ? [`${at("memoryMib")} is ${memoryMib}; a JVM needs at least ${minJvmMemoryMib}.`]
      : []),
    ...(Number.isInteger(memoryMib) && memoryMib > 0
      ? []
      : [`${at("memoryMib")} is ${memoryMib}; write a whole number of MiB.`]),
    ...(Number.isInteger(replicas) && replicas >= 0
      ? []
      : [`${at("replicas")} is ${replicas}; write 0 or more.`]),
    ...(service.data && replicas > 1
      ? [`${at("replicas")} is ${replicas}, but the service keeps data in one place; write 1.`]
      : []),
    ...ports
      .filter(({ number }) => !(Number.isInteger(number) && number >= 1024 && number <= 65535))
      .map(({ number }) => `${at("ports")} has ${number}; write 1024 to 65535, which need no capability.`),
    ...repeated(ports.map(({ number }) => number)).map(
      (number) => `${at("ports")} has ${number} twice; leave one out.`,
    ),
    ...repeated(ports.map(({ protocol }) => protocol)).map(
      (protocol) => `${at("ports")} has two named ${protocol}; a Service needs a name for each.`,
    ),
    ...(portVariable !== undefined && ports.length === 0
      ? [`${at("portVariable")} is ${portVariable}, but there is no port; add one, or leave it out.`]
      : []),
    ...(ports.length === 0 && handlers.some((handler) => !("exec" in handler))
      ? [`${at("probes")} need a port, but there is none; add one, or use exec.`]
      : []),
    ...(service.sdk && handlers.some((handler) => "http" in handler)
      ? [`${at("probes")} use HTTP, and the SDK would make a trace of each request; leave them out.`]
      : []),
    ...callErrors(row, at("calls")),
    ...variableErrors(row, keys, at("environment")),
  ];
}

function callErrors({ demo, name, service }: Row, at: string): string[] {
  const known = () =>
    Object.keys(demo.services)
      .filter((other) => other !== name)
      .join(", ");
  return Object.entries(service.calls ?? {}).flatMap(([callee, call]) => {
    const target = demo.services[callee];
    if (callee === name) return [`${at} names the service itself; leave it out.`];
    if (target === undefined) return [`${at} names ${callee}, which is no service; write one of ${known()}.`];
    if (portOf(target) === undefined) return [`${at} names ${callee}, which has no port; give it one.`];
    if ("registry" in call && target.registers?.at !== call.registry)
      return [
        `${at}.${callee} asks the registry ${call.registry}, where ${callee} does not register; add registers to its row.`,
      ];
    if ("registry" in call && service.calls?.[call.registry] === undefined)
      return [
        `${at}.${callee} asks the registry ${call.registry}, which the row does not call; add that call.`,
      ];
    return [];
  });
}

/** A variable that two fields of a row set would silently be that of the last. */
function variableErrors({ service }: Row, keys: ReadonlySet<string>, at: string): string[] {
  const { portVariable, registers, calls = {}, environment = {} } = service;
  const names = [
    ...(portVariable === undefined ? [] : [portVariable]),
    ...(registers === undefined ? [] : [registers.hostVariable]),
    ...Object.values(calls).flatMap((call) => ("variable" in call ? [call.variable] : [])),
    ...Object.keys(environment),
  ];
  const reserved = names.filter((name) => name.startsWith("OTEL_EXPORTER_") || name === "OTEL_SERVICE_NAME");
  const unknownKeys = Object.entries(environment).flatMap(([name, value]) => {
    if (typeof value === "string" || !("secret" in value)) return [];
    const key = `${value.key} of ${value.secret}`;
    return keys.has(key) ? [] : [{ name, key }];
  });
  return [
    ...repeated(names).map((name) => `${at} sets ${name} twice; leave one out.`),
    ...reserved.map(
      (name) => `${at} sets ${name}, which follows from sdk and the destination; leave it out.`,
    ),
    ...unknownKeys.map(
      ({ name, key }) =>
        `${at}.${name} is the key ${key}, which no row declares; add it to secrets, or write ${[...keys].join(", ") || "a text"}.`,
    ),
  ];
}

function repeated<T>(values: readonly T[]): T[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))];
}
