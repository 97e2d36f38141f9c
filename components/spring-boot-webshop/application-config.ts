import { dump } from "js-yaml";

/** The only database that the application uses (my-demo, `docker/mysql/scripts/1-mydemo.sql`). */
export const database = "mydemo-dn1";

const jdbcParameters = [
  "connectTimeout=3000&socketTimeout=10000&characterEncoding=utf8&useTimezone=true",
  // MySQL reports CST, which its driver takes for Chicago (my-demo, order-service/…/application.yml).
  "serverTimezone=Asia/Shanghai&useSSL=false",
].join("&");

/**
 * `application.yml` of a Dubbo service. Spring Boot reads it from the working directory over the one in the
 * jar, property by property.
 *
 * It is the documents' own, one for all: svc-order's is complete, Seata is off because there is no Seata
 * server, and no password is in it. The protocol stays `rest`: the Java agent does not know the native
 * protocol of this Dubbo (2.6).
 *
 * @param application name that the application registers as, with `-srv` behind it.
 * @param databaseWaitSeconds how long it waits for a connection to the database; none: it has no database.
 */
export function applicationConfig(application: string, databaseWaitSeconds?: number): string {
  const nacos = "${NACOS_HOST}:8848";
  const config = {
    application: { name: application },
    nacos: { address: nacos },
    spring: {
      main: { "allow-bean-definition-overriding": true },
      ...(databaseWaitSeconds !== undefined && {
        datasource: {
          "driver-class-name": "com.mysql.jdbc.Driver",
          url: `jdbc:mysql://\${MYSQL_HOST}:3306/${database}?${jdbcParameters}`,
          username: "${MYSQL_USER}",
          password: "${MYSQL_PASSWORD}",
        },
      }),
    },
    dubbo: {
      filter: "",
      application: { id: `${application}-srv`, name: `${application}-srv`, qosEnable: false },
      protocol: {
        id: "rest",
        name: "rest",
        // What it registers with Nacos, and what callers then dial: the pod itself, not a Service.
        host: "${SERVICE_HOST}",
        port: "${SERVICE_PORT}",
        threads: 3,
        iothreads: 1,
        server: "netty",
        client: "netty",
        status: "server",
        serialization: "fst",
        queues: 0,
        keepAlive: true,
      },
      registry: { address: `nacos://${nacos}`, check: false },
      provider: { cluster: "failfast", retries: 0, loadbalance: "roundrobin", timeout: 10000, filter: "" },
      consumer: { cluster: "failfast", loadbalance: "roundrobin", filter: "" },
    },
    ...(databaseWaitSeconds !== undefined && {
      druid: {
        defaultAutoCommit: true,
        defaultTransactionIsolation: 2,
        initialSize: 1,
        minIdle: 1,
        maxActive: 3,
        maxWait: databaseWaitSeconds * 1000,
        validationQuery: "/* ping */ select 1",
        testOnBorrow: false,
        testOnReturn: false,
        testWhileIdle: true,
        timeBetweenEvictionRunsMillis: 60_000,
        minEvictableIdleTimeMillis: 1_800_000,
        removeAbandoned: true,
        removeAbandonedTimeout: 1800,
        logAbandoned: true,
      },
      mybatis: { mapperLocations: "classpath:mappers/*.xml" },
    }),
    seata: { enabled: false },
    // user-service (HelloServiceImpl) does not start without it; whether its jar says it is not known.
    mydemo: { hostname: "${HOSTNAME:localhost}" },
  };
  return dump(config, { lineWidth: -1 });
}
