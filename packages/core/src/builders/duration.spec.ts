import { describe, expect, test } from "vitest";
import { duration } from "./duration.js";

describe("duration", () => {
  test.each([
    [0, 0n, 0],
    [1, 0n, 1_000_000],
    [0.5, 0n, 500_000],
    [1500, 1n, 500_000_000],
    [999.999_999_9, 1n, 0],
    [86_400_000, 86_400n, 0],
  ])("makes %d ms a protobuf duration", (milliseconds, seconds, nanos) => {
    expect(duration(milliseconds, "at")).toMatchObject({ seconds, nanos });
  });

  test("leaves undefined as it is", () => {
    expect(duration(undefined, "at")).toBeUndefined();
  });

  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY, 1e18])("refuses %d", (milliseconds) => {
    expect(() => duration(milliseconds, "timeoutMs")).toThrow(
      expect.objectContaining({ code: "invalid-duration", path: "timeoutMs" }),
    );
  });
});
