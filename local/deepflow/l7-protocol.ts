/**
 * Names and numbers of DeepFlow's L7 protocols (deepflow server/libs/datatype/flow.go, L7ProtocolStringMap).
 */
const numbers: Readonly<Record<string, number>> = {
  http: 20,
  http2: 21,
  dubbo: 40,
  grpc: 41,
  sofarpc: 43,
  fastcgi: 44,
  brpc: 45,
  tars: 46,
  "some/ip": 47,
  "iso-8583": 48,
  triple: 49,
  netsign: 50,
  mysql: 60,
  postgresql: 61,
  oracle: 62,
  dameng: 63,
  redis: 80,
  mongodb: 81,
  kafka: 100,
  mqtt: 101,
  amqp: 102,
  openwire: 103,
  nats: 104,
  pulsar: 105,
  zmtp: 106,
  rocketmq: 107,
  webspheremq: 108,
  dns: 120,
  tls: 121,
  custom: 127,
  "n/a": 0,
};

/**
 * The number of the protocol that is called `name`, 0 for one that DeepFlow does not know, and whether it is
 * TLS (1) or not (0), as DeepFlow's ParseL7Protocol has it (server/ingester/flow_log/log_data/utils.go): a
 * protocol is known by any part of its name, so `https`, of which `http` is a part, is not. Of several that
 * share the part DeepFlow takes one at random, this one the first. HTTP becomes HTTP/2 by a `version` that
 * begins with 2.
 */
export function parseL7Protocol(name: string, version: string): { l7Protocol: number; isTls: 0 | 1 } {
  const wanted = name.toLowerCase();
  const isTls = wanted.includes("https") ? 1 : 0;
  const [, number = 0] =
    wanted === "" ? [] : (Object.entries(numbers).find(([known]) => known.includes(wanted)) ?? []);
  const isHttp = number === numbers["http"] || number === numbers["http2"];
  return { l7Protocol: isHttp ? (version.startsWith("2") ? 21 : 20) : number, isTls };
}
