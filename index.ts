import { deploy } from "./program.ts";
import { readSettings } from "./settings.ts";

export const { otlpEndpoints, otlpTracesEndpoint, springBootWebShop, otelWebStore } = deploy(readSettings());
