import { z } from "zod";
import { imageOverride, demoSettings } from "../demo/settings.ts";
import { setting, settings, settingsWithDefaults } from "../schema/setting.ts";

const password = z.string().min(1);

function userPassword(user: string) {
  return setting(
    password.default(user),
    "a password, encrypted: pulumi config set --secret --path",
    `Password of the database user \`${user}\`. The image creates it with this default; another one needs another image.`,
  ).meta({ secret: true });
}

/** Settings of the Spring Boot WebShop (`deepflow-otel:springBootWebShop`). */
export const springBootWebShopSettings = settings(
  {
    ...demoSettings("deepflow-otel-spring-demo"),
    javaAgent: settingsWithDefaults(
      { image: imageOverride.prefault({}) },
      "The OpenTelemetry Java agent; its tag is its version.",
    ),
    database: settingsWithDefaults(
      {
        rootPassword: setting(
          password.optional(),
          "a password, encrypted: pulumi config set --secret --path",
          "Password of MySQL's root. Generated once per stack where it is left out.",
        ).meta({ secret: true }),
        mydemoPassword: userPassword("mydemo"),
        nacosPassword: userPassword("nacos"),
      },
      "Passwords of the database.",
    ),
  },
  "The Spring Boot WebShop; deployed if this is there.",
);

export type SpringBootWebShopSettings = z.output<typeof springBootWebShopSettings>;
