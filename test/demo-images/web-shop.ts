import type { DemoImage, DemoImages } from "./demo-image.ts";

const registry = "registry.cn-beijing.aliyuncs.com/deepflow-demo/skywalking-demo_";

/** Files of my-demo, from which DeepFlow's images are built; that build itself is not public. */
const source = (...files: string[]) => `liuzhibin-cn/my-demo 966c526: ${files.join(", ")}`;

/**
 * A JVM of the application. Of its Dockerfiles only `Dockerfile.default` sets the working directory, and the
 * one with the entry point that DeepFlow's manifests start, `Dockerfile.skywalking`, does not. Its scripts
 * (`docker/deploy-mydemo.sh`) build for the machine's architecture alone, and of DeepFlow's build nothing
 * else is known.
 */
const jvm = {
  language: "java",
  optional: ["TZ"],
  readsWorkingDirectory: true,
  architecture: "amd64",
} as const;

const asksNacos = { of: "nacos", variable: "NACOS_HOST", as: "host" } as const;
const asksMysql = { of: "mysql", variable: "MYSQL_HOST", as: "host" } as const;

/** A Dubbo service: it registers the address that its variables say. */
function provider(name: string, asks: DemoImage["asks"] = []): DemoImage {
  return {
    ...jvm,
    source: source(`${name}-service/Dockerfile.default`, `${name}-service/Dockerfile.skywalking`),
    listens: { protocol: "http", variable: "SERVICE_PORT", port: 20880 },
    implements: [`my.demo.service.${name}`],
    // Without it the address is localhost.
    mandatory: ["SERVICE_HOST"],
    asks: [asksNacos, ...asks],
  };
}

export const webShopImages: DemoImages = {
  "hub.deepflow.yunshan.net/public/skywalking-demo/mydemo-shopweb:20250421": {
    ...jvm,
    source: source(
      "shop-web/src/main/resources/application.yml",
      "shop-web/src/main/java/my/demo/web/ShopController.java",
    ),
    listens: { protocol: "http", variable: "SERVICE_PORT", port: 8090 },
    implements: ["GET /shop/full-test"],
    asks: [
      asksNacos,
      { of: "my.demo.service.user" },
      { of: "my.demo.service.item" },
      { of: "my.demo.service.order" },
    ],
  },
  [`${registry}mydemo-user:1.0`]: provider("user", [asksMysql]),
  [`${registry}mydemo-item:1.0`]: provider("item"),
  [`${registry}mydemo-order:1.0`]: provider("order", [
    asksMysql,
    { of: "my.demo.service.item" },
    { of: "my.demo.service.stock" },
  ]),
  [`${registry}mydemo-stock:1.0`]: provider("stock"),
  [`${registry}mydemo-nacos-server:1.1.4`]: {
    source: source("docker/nacos/Dockerfile", "docker/nacos/scripts/init.sh"),
    language: "java",
    listens: { protocol: "http", port: 8848 },
    implements: ["nacos"],
    asks: [asksMysql],
    optional: ["MODE", "MYSQL_PORT", "MYSQL_DB", "MYSQL_USER", "MYSQL_PSW", "TZ"],
    architecture: "amd64",
  },
  [`${registry}mydemo-mysql:1.0`]: {
    source: `${source("docker/mysql/Dockerfile")}; docker-library/mysql 5.7.18: docker-entrypoint.sh, and issue 579 for the memory`,
    language: "mysql",
    listens: { protocol: "mysql", port: 3306 },
    implements: ["mysql"],
    mandatory: ["MYSQL_ROOT_PASSWORD"],
    optional: ["TZ"],
    // The entry point hands the data to the user mysql and becomes that user.
    capabilities: ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"],
    allocatesPerFile: true,
    // Official images of 2017 were built for amd64 only.
    architecture: "amd64",
  },
  "docker.io/locustio/locust:2.37.14": {
    source: "locustio/locust 2.37.14: Dockerfile, locust/argument_parser.py; published for amd64 and arm64",
    language: "python",
    implements: [],
    asks: [{ of: "GET /shop/full-test", variable: "FRONTEND_ADDR" }],
    optional: ["LOCUST_HEADLESS", "LOCUST_HOST", "LOCUST_LOCUSTFILE", "LOCUST_USERS"],
    user: { uid: 1000, gid: 1000 },
  },
};
