import fc from "fast-check";
import { expect, test } from "vitest";
import { leastMemoryMib, memorySizes } from "../../components/otel-agent/memory.ts";

test("the default of 512 MiB gives these sizes", () => {
  expect(memorySizes(512)).toEqual({
    goMemLimit: "409MiB",
    limitMib: 409,
    spikeLimitMib: 128,
    queueBytes: 64 * 1024 * 1024,
  });
});

test("whatever the limit: receivers refuse before the hard limit, and that is below the container's", () => {
  fc.assert(
    fc.property(fc.integer({ min: leastMemoryMib, max: 1024 * 1024 }), (limit) => {
      const sizes = memorySizes(limit);
      expect(sizes.limitMib).toBeLessThan(limit);
      const softMib = sizes.limitMib - sizes.spikeLimitMib;
      expect(softMib).toBeGreaterThan(limit / 2);
      // Four times the queue's wire size, beside the 50 MiB that an idle Collector takes, fits under the soft limit
      // or the limiter refuses first; either way the container's limit is not reached.
      expect((sizes.queueBytes / 1024 ** 2) * 4).toBeLessThanOrEqual(softMib);
      expect(sizes.goMemLimit).toBe(`${sizes.limitMib}MiB`);
    }),
  );
});
