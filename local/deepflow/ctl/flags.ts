/** A flag as pflag, the library of deepflow-ctl, knows it. */
export interface Flag {
  name: string;
  shorthand?: string;
  type: "string" | "uint32" | "duration" | "bool";
  usage: string;
  default?: string;
}

/** What the arguments say. */
export interface ParsedFlags {
  /** By name, as written. */
  values: Map<string, string>;
  /** Arguments that are no flags. */
  rest: string[];
  /** Why parsing ended early. */
  error?: string;
  /** Whether help is asked for; that, too, ends parsing. */
  help?: boolean;
}

/** Reads flags as pflag does; they may stand before, between and after the other arguments. */
export function parseFlags(args: readonly string[], flags: readonly Flag[]): ParsedFlags {
  const parsed: ParsedFlags = { values: new Map(), rest: [] };
  const left = [...args];
  for (let argument = left.shift(); argument !== undefined; argument = left.shift()) {
    if (argument === "--") {
      parsed.rest.push(...left);
      break;
    }
    if (argument.startsWith("--")) parseLong(argument, left, flags, parsed);
    else if (argument.startsWith("-") && argument !== "-") parseShort(argument, left, flags, parsed);
    else parsed.rest.push(argument);
    if (parsed.error !== undefined || parsed.help === true) break;
  }
  return parsed;
}

function parseLong(argument: string, left: string[], flags: readonly Flag[], parsed: ParsedFlags): void {
  const [name = "", inline] = argument.slice(2).split(/=(.*)/s);
  if (name === "" || name.startsWith("-")) {
    parsed.error = `bad flag syntax: ${argument}`;
    return;
  }
  const flag = flags.find((flag) => flag.name === name);
  if (flag === undefined) {
    if (name === "help") parsed.help = true;
    else parsed.error = `unknown flag: --${name}`;
    return;
  }
  const value = inline ?? (flag.type === "bool" ? "true" : left.shift());
  if (value === undefined) parsed.error = `flag needs an argument: ${argument}`;
  else set(flag, value, parsed);
}

function parseShort(argument: string, left: string[], flags: readonly Flag[], parsed: ParsedFlags): void {
  const letters = argument.slice(1);
  for (let index = 0; index < letters.length; index++) {
    const letter = letters.charAt(index);
    const flag = flags.find(({ shorthand }) => shorthand === letter);
    if (flag === undefined) {
      if (letter === "h") parsed.help = true;
      else parsed.error = `unknown shorthand flag: '${letter}' in -${letters.slice(index)}`;
      return;
    }
    const attached = letters.slice(index + 1);
    if (flag.type === "bool" && !attached.startsWith("=")) {
      set(flag, "true", parsed);
      continue;
    }
    const value = attached === "" ? left.shift() : attached.replace(/^=/, "");
    if (value === undefined) parsed.error = `flag needs an argument: '${letter}' in -${letters.slice(index)}`;
    else set(flag, value, parsed);
    return;
  }
}

function set(flag: Flag, value: string, parsed: ParsedFlags): void {
  const reason = invalid(flag, value);
  if (reason === undefined) {
    parsed.values.set(flag.name, value);
    return;
  }
  const name = flag.shorthand === undefined ? `--${flag.name}` : `-${flag.shorthand}, --${flag.name}`;
  parsed.error = `invalid argument ${JSON.stringify(value)} for "${name}" flag: ${reason}`;
}

function invalid({ type }: Flag, value: string): string | undefined {
  if (type === "uint32") {
    const number = `strconv.ParseUint: parsing ${JSON.stringify(value)}: `;
    if (!/^\d+$/.test(value)) return `${number}invalid syntax`;
    return Number(value) < 2 ** 32 ? undefined : `${number}value out of range`;
  }
  if (type === "bool" && !/^(1|0|t|f|T|F|true|false|TRUE|FALSE|True|False)$/.test(value))
    return `strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`;
  if (type === "duration") {
    const duration = parseDuration(value);
    return typeof duration === "string" ? duration : undefined;
  }
  return undefined;
}

const milliseconds: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1e3,
  m: 6e4,
  h: 36e5,
};

/** A Go duration such as `1m30s` in milliseconds, or what `time.ParseDuration` says against it. */
export function parseDuration(text: string): number | string {
  const [, sign, amounts = ""] = /^([-+]?)(.*)$/s.exec(text) ?? [];
  if (amounts === "0") return 0;
  const parts = [...amounts.matchAll(/(\d+\.?\d*|\.\d+)([^\d.]*)/gy)];
  if (amounts === "" || parts.map(([part]) => part).join("") !== amounts)
    return `time: invalid duration ${JSON.stringify(text)}`;
  let sum = 0;
  for (const [, amount, unit = ""] of parts) {
    const factor = milliseconds[unit];
    if (unit === "") return `time: missing unit in duration ${JSON.stringify(text)}`;
    if (factor === undefined)
      return `time: unknown unit ${JSON.stringify(unit)} in duration ${JSON.stringify(text)}`;
    sum += Number(amount) * factor;
  }
  return sign === "-" ? -sum : sum;
}
