import { describe, expect, test } from "vitest";
import { redact } from "./redact.js";

describe("a client's words", () => {
  test("are kept when they hold no dump", () => {
    const words =
      "Error adding/updating cluster(s) bad1: cannot create an EDS cluster, bad2: malformed IP address: a.b";
    expect(redact(words)).toBe(words);
  });

  test("lose the strings of a dump, but for names and addresses", () => {
    const words =
      'Proto constraint validation failed (ClusterValidationError.ConnectTimeout: value must be greater than 0s): name: "c"\n' +
      'transport_socket { typed_config { type_url: "t" value: "\\n\\"MARKER" } } inline_string: "-----BEGIN PRIVATE KEY-----\\nMARKER"';
    expect(redact(words)).not.toContain("MARKER");
    expect(redact(words)).toContain('name: "c"');
    expect(redact(words)).toContain("ConnectTimeout: value must be greater than 0s");
    expect(redact(words)).toContain('type_url: "t"');
  });

  test("lose PEM blocks, also cut off ones", () => {
    const block = "-----BEGIN RSA PRIVATE KEY-----\nMARKER\n-----END RSA PRIVATE KEY-----";
    expect(redact(`bad key ${block} in chain`)).toBe("bad key … in chain");
    expect(redact("bad key -----BEGIN PRIVATE KEY-----\\nMARKER")).toBe("bad key …");
  });

  test("are cut when they are very long, also in the middle of a string", () => {
    const words = `value: "${"MARKER ".repeat(2000)}"`;
    expect(redact(words)).toBe('value: "…"');
    expect(redact("x".repeat(10_000)).length).toBe(4000);
  });
});
