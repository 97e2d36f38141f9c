import { readFileSync } from "node:fs";
import { join } from "node:path";
import { sdks } from "../demo/sdk.ts";
import { overriddenImage } from "../demo/settings.ts";
import type { Call, Service, Table } from "../demo/table.ts";
import type { Value } from "../env-var.ts";
import type { Image } from "../image.ts";
import { applicationConfig, database } from "./application-config.ts";
import type { SpringBootWebShopSettings } from "./settings.ts";

/**
 * An image of DeepFlow's. How they were built is not public; my-demo's scripts build for one architecture,
 * MySQL 5.7.18 is amd64 only.
 */
function deepFlowImage(name: string, tag: string): Image {
  return {
    registry: "registry.cn-beijing.aliyuncs.com",
    repository: `deepflow-demo/skywalking-demo_${name}`,
    tag,
    architecture: "amd64",
  };
}

/** The OpenTelemetry operator's image of the agent (opentelemetry-operator, autoinstrumentation/java). */
const javaAgentImage: Image = {
  registry: "ghcr.io",
  repository: "open-telemetry/opentelemetry-operator/autoinstrumentation-java",
  tag: "2.31.1",
};

/** The application's clock, so that its times and the database's are of one zone, as the JDBC URL says. */
const timeZone = { TZ: "Asia/Shanghai" };

const nacosCall: Call = { variable: "NACOS_HOST", as: "host" };
const databaseCall: Call = { variable: "MYSQL_HOST", as: "host" };
const dubboCall: Call = { registry: "nacos" };

const databaseUser: Record<string, Value> = {
  MYSQL_USER: "mydemo",
  MYSQL_PASSWORD: { secret: "db-demo-users", key: "mydemo-password" },
};

/**
 * Hours after which svc-stock starts over: its stock is in memory, 500 of each of 5 items, and never refilled
 * (my-demo, StockServiceImpl). At one user's pace it should last for two hours; then every order would fail.
 */
const restockHours = 1;

/** True while process 1 is younger than `hours`: /proc knows its age without any tool of an image. */
function youngerThan(hours: number): readonly string[] {
  const script = [
    "read -r up _ </proc/uptime",
    // The 22nd field of stat: hundredths of a second from the machine's start to the process's.
    "set -- $(cat /proc/1/stat)",
    `[ $(( \${up%%.*} - \${22} / 100 )) -lt ${hours * 3600} ]`,
  ];
  return ["sh", "-c", script.join("; ")];
}

/** Where the application's jars are. */
const home = "/home";

/** Where the load generator finds what it does. */
const locustfile = "/mnt/locust/locustfile.py";

/** The Spring Boot WebShop (https://github.com/liuzhibin-cn/my-demo), as DeepFlow's documents deploy it. */
export function springBootWebShopTable({
  loadGenerator,
  javaAgent: { image },
}: Pick<SpringBootWebShopSettings, "loadGenerator" | "javaAgent">): Table {
  const javaAgent = overriddenImage(javaAgentImage, image);
  /** What the five services of the shop share: a JVM that is started directly, so that SIGTERM reaches it. */
  const jvm = (jar: string) =>
    ({
      language: "java",
      sdk: javaAgent.tag?.startsWith("1.") ? sdks.javaAgent1 : sdks.javaAgent2,
      javaAgent,
      portVariable: "SERVICE_PORT",
      // Spring Boot reads application.yml from here. Of my-demo's Dockerfiles only Dockerfile.default sets it
      // as the working directory.
      workingDir: home,
      command: ["java", "-jar", `${home}/${jar}-0.0.1-SNAPSHOT.jar`],
      memoryMib: 768,
      cpu: "200m",
    }) as const;
  /** What the Dubbo services share; `databaseWaitSeconds` as in `applicationConfig`. */
  const dubbo = (application: string, databaseWaitSeconds?: number): Service => ({
    ...jvm(`${application}-service`),
    serviceName: `${application}-svc`,
    image: deepFlowImage(`mydemo-${application}`, "1.0"),
    ports: [{ number: 20880, protocol: "http" }],
    registers: { at: "nacos", hostVariable: "SERVICE_HOST" },
    environment: { ...timeZone, ...(databaseWaitSeconds !== undefined && databaseUser) },
    files: {
      configMap: `${application}-service`,
      content: { [`${home}/application.yml`]: applicationConfig(application, databaseWaitSeconds) },
    },
  });
  return {
    name: "spring-boot-webshop",
    title: "Spring Boot WebShop",
    frontEnd: "web-shop",
    services: {
      "web-shop": {
        ...jvm("shop-web"),
        serviceName: "shop-web",
        image: {
          registry: "hub.deepflow.yunshan.net",
          repository: "public/skywalking-demo/mydemo-shopweb",
          tag: "20250421",
          architecture: "amd64",
        },
        // Probed by TCP: Spring Boot opens the port when the application has started, and all that GET /shop
        // adds is a page without data.
        ports: [{ number: 8090, protocol: "http" }],
        environment: timeZone,
        calls: { "svc-user": dubboCall, "svc-item": dubboCall, "svc-order": dubboCall, nacos: nacosCall },
      },
      "svc-user": { ...dubbo("user", 5), calls: { "db-demo": databaseCall, nacos: nacosCall } },
      "svc-item": { ...dubbo("item"), calls: { nacos: nacosCall } },
      "svc-order": {
        ...dubbo("order", 10),
        calls: {
          "svc-item": dubboCall,
          "svc-stock": dubboCall,
          "db-demo": databaseCall,
          nacos: nacosCall,
        },
      },
      "svc-stock": {
        ...dubbo("stock"),
        probes: { liveness: { exec: youngerThan(restockHours) } },
        calls: { nacos: nacosCall },
      },
      nacos: {
        language: "java",
        image: deepFlowImage("mydemo-nacos-server", "1.1.4"),
        ports: [{ number: 8848, protocol: "http" }],
        probes: { readiness: { http: "/nacos/" } },
        calls: { "db-demo": databaseCall },
        environment: {
          ...timeZone,
          MODE: "standalone",
          MYSQL_PSW: { secret: "db-demo-users", key: "nacos-password" },
        },
        // Its own start script asks for a heap of 512 MiB.
        memoryMib: 1024,
        cpu: "200m",
        // Its access log only grows (https://github.com/alibaba/nacos/issues/1510).
        ephemeralStorageGib: 8,
        data: { path: "/home/nacos/data" },
      },
      "db-demo": {
        language: "mysql",
        image: deepFlowImage("mydemo-mysql", "1.0"),
        // MySQL 5.7 allocates memory for every file that it may open, 16 GiB where containerd's limit is
        // infinite, and the kernel ends it (https://github.com/docker-library/mysql/issues/579). The shell
        // becomes the entry point, which gets SIGTERM.
        command: ["sh", "-c", "ulimit -n 65536; exec docker-entrypoint.sh mysqld"],
        ports: [{ number: 3306, protocol: "mysql" }],
        probes: {
          // By TCP: the server that runs the initial scripts listens on its socket only.
          readiness: {
            exec: [
              "sh",
              "-c",
              `MYSQL_PWD="$MYDEMO_PASSWORD" mysql --host=127.0.0.1 --user=mydemo --database=${database} --execute='SELECT 1'`,
            ],
          },
          // A ping needs no password: that the server refuses one is a sign of life too.
          liveness: { exec: ["mysqladmin", "--host=127.0.0.1", "ping"] },
        },
        environment: {
          ...timeZone,
          MYSQL_ROOT_PASSWORD: { secret: "db-demo-root", key: "password" },
          MYDEMO_PASSWORD: { secret: "db-demo-users", key: "mydemo-password" },
        },
        secrets: {
          "db-demo-root": {
            resourceName: "database-root",
            description: "The password that MySQL's root is to have; choose any.",
            passwords: { password: "root-password" },
          },
          "db-demo-users": {
            resourceName: "database-users",
            description:
              "The passwords of the database users mydemo and nacos; each is the user's own name, unless the image is another.",
            passwords: { "mydemo-password": "mydemo-password", "nacos-password": "nacos-password" },
          },
        },
        memoryMib: 768,
        cpu: "100m",
        // Two redo logs and the tablespaces, to which every order adds; evicted, it starts over.
        ephemeralStorageGib: 4,
        data: { path: "/var/lib/mysql" },
        // Its entry point hands the data to the user mysql and becomes that user.
        capabilities: ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"],
      },
      loadgenerator: {
        // Not the documents' own, which has only `latest` and no source: Locust too, with the same request.
        language: "python",
        image: { registry: "docker.io", repository: "locustio/locust", tag: "2.37.14" },
        calls: { "web-shop": { variable: "FRONTEND_ADDR" } },
        environment: {
          LOCUST_HEADLESS: "true",
          LOCUST_HOST: "http://$(FRONTEND_ADDR)",
          LOCUST_LOCUSTFILE: locustfile,
          LOCUST_USERS: String(loadGenerator.users),
        },
        files: {
          configMap: "loadgenerator",
          content: {
            [locustfile]: readFileSync(join(import.meta.dirname, "locustfile.py"), "utf8"),
          },
        },
        memoryMib: 256,
        user: { uid: 1000, gid: 1000 },
        replicas: loadGenerator.replicas,
      },
    },
  };
}
