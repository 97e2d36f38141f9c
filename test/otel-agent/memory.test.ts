import fc from "fast-check";
import { expect, test } from "vitest";
import { leastMemoryMib, memorySizes } from "../../components/otel-agent/memory.ts";

test("the default of 512 MiB gives these sizes", () => {
  expect(memorySizes(512)).toEqual({
    goMemLimit: "409MiB",
    limitMib: 409,
    spikeLimitMib: 128,
    queueBytes: 51 * 1024 * 1024,
    requestMib: 4,
  });
});

test("whatever the limit: receivers refuse before the hard limit, and that is below the container's", () => {
  fc.assert(
    fc.property(fc.integer({ min: leastMemoryMib, max: 1024 * 1024 }), (limit) => {
      const sizes = memorySizes(limit);
      expect(sizes.limitMib).toBeLessThan(limit);
      const softMib = sizes.limitMib - sizes.spikeLimitMib;
      expect(softMib).toBeGreaterThan(limit / 2);
      // A full queue, in memory at five times its size on the wire, must not hold the heap at the soft limit.
      expect((sizes.queueBytes / 1024 ** 2) * 5).toBeLessThan(softMib);
      // A few of the largest requests at a time, each in memory three times over, fit below the hard limit.
      expect(sizes.requestMib).toBeGreaterThanOrEqual(1);
      expect(sizes.requestMib * 3 * 8).toBeLessThan(sizes.limitMib);
      expect(sizes.goMemLimit).toBe(`${sizes.limitMib}MiB`);
    }),
  );
});
