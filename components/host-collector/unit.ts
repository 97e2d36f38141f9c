import { shutdownSeconds } from "../otel-agent/collector-config.ts";
import { memorySizes } from "../otel-agent/memory.ts";

/** Name of the systemd unit. */
export const unitName = "otel-agent.service";

/** What a host's unit is made from. */
export interface UnitArgs {
  /** Path of the Collector on the host. */
  readonly collector: string;
  readonly configFile: string;
  readonly memoryLimitMib: number;
}

/**
 * The systemd unit of a host's Collector. It has no state and opens no port below 1024, so that it needs no
 * user of its own, no capability and nothing that it may write to.
 *
 * `SystemCallErrorNumber`: without it a system call that is not allowed ends the process, and Go's runtime
 * tries some that it can do without. `@resources` stays allowed: Go raises its limit of open files.
 */
export function unitFile({ collector, configFile, memoryLimitMib }: UnitArgs): string {
  return `[Unit]
Description=OpenTelemetry Collector for DeepFlow
Documentation=https://opentelemetry.io/docs/collector/
Wants=network-online.target
After=network-online.target
# However long it fails, it is tried again.
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStart=${collector} --config=${configFile}
Environment=GOMEMLIMIT=${memorySizes(memoryLimitMib).goMemLimit}
MemoryMax=${memoryLimitMib}M
LimitNOFILE=65536
Restart=on-failure
RestartSec=5s
TimeoutStopSec=${shutdownSeconds}s

DynamicUser=yes
UMask=0077
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
DevicePolicy=closed
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
KeyringMode=private
LockPersonality=yes
MemoryDenyWriteExecute=yes
RemoveIPC=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallErrorNumber=EPERM
SystemCallFilter=@system-service
SystemCallFilter=~@privileged

[Install]
WantedBy=multi-user.target
`;
}
