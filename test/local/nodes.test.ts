import { expect, test } from "vitest";
import { cgroupMounts } from "../../local/nodes/cgroups.ts";
import { nodeNetwork } from "../../local/nodes/network.ts";

test("cgroups are found by the type of the mount, whichever version", () => {
  const mountinfo = [
    "25 30 0:22 / /sys/fs/cgroup ro,nosuid - tmpfs tmpfs ro,mode=755",
    "26 25 0:23 / /sys/fs/cgroup/memory rw,nosuid shared:9 - cgroup cgroup rw,memory",
    "27 25 0:24 / /sys/fs/cgroup/unified rw,nosuid shared:10 - cgroup2 cgroup2 rw",
    "28 1 254:0 / /cgroup rw - ext4 /dev/vda rw",
  ].join("\n");
  expect(cgroupMounts(mountinfo)).toEqual(["/sys/fs/cgroup/memory", "/sys/fs/cgroup/unified"]);
});

test("a node has a route to the pods of every other node, and none to its own", () => {
  const script = nodeNetwork(2, 3);
  expect(script).toContain("ip route add 10.244.1.0/24 via 10.0.0.1");
  expect(script).toContain("ip route add 10.244.3.0/24 via 10.0.0.3");
  expect(script).not.toContain("ip route add 10.244.2.0/24");
});
