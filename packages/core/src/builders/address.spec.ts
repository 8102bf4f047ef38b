import { describe, expect, test } from "vitest";
import { hostName, ipAddress, parseAddress, portNumber } from "./address.js";
import { BuilderError } from "./builder-error.js";

describe("parseAddress", () => {
  test.each([
    ["127.0.0.1:80", "127.0.0.1", 80],
    ["[::1]:8080", "::1", 8080],
    ["[2001:db8::1]:65535", "2001:db8::1", 65_535],
  ])("reads %s", (text, address, port) => {
    const { address: parsed } = parseAddress(text, "at", "ip");
    expect(parsed).toMatchObject({
      case: "socketAddress",
      value: { address, portSpecifier: { case: "portValue", value: port } },
    });
  });

  test.each(["unix:/run/a.sock", "unix:///run/a.sock"])("reads the path of %s", (text) => {
    expect(parseAddress(text, "at", "ip").address).toMatchObject({ case: "pipe", value: { path: "/run/a.sock" } });
  });

  test.each(["localhost:80", "a.b-c.example.com.:1", "_svc.example.com:443"])(
    "reads the name in %s where names may be",
    (text) => {
      expect(parseAddress(text, "at", "dns").address.case).toBe("socketAddress");
      expect(() => parseAddress(text, "at", "ip")).toThrow(BuilderError);
    },
  );

  test.each([
    "",
    "127.0.0.1",
    "127.0.0.1:",
    ":80",
    "::1:80",
    "[::1]",
    "[127.0.0.1]:80",
    "[]:80",
    "127.0.0.1:8o",
    "127.0.0.1:080808",
    "256.0.0.1:80",
    "10.0.1:80",
    "http://a:80",
    "a b:80",
    "-a.example:80",
    "unix:run/a.sock",
    " 127.0.0.1:80",
  ])("refuses %j and says what is expected", (text) => {
    const act = () => parseAddress(text, "hosts[1]", "dns");
    expect(act).toThrow(
      expect.objectContaining({
        code: "invalid-address",
        path: "hosts[1]",
        message: expect.stringContaining("host:port"),
      }),
    );
  });

  test.each(["127.0.0.1:0", "127.0.0.1:65536"])("refuses the port of %s", (text) => {
    expect(() => parseAddress(text, "at", "ip")).toThrow(expect.objectContaining({ code: "invalid-port" }));
  });
});

test("portNumber takes whole numbers in range only", () => {
  expect(portNumber(0, "at", 0)).toBe(0);
  for (const port of [-1, 1.5, Number.NaN, 65_536]) {
    expect(() => portNumber(port, "at", 0)).toThrow(expect.objectContaining({ code: "invalid-port" }));
  }
});

test("ipAddress takes no names, hostName no ports", () => {
  expect(ipAddress("::", "at")).toBe("::");
  expect(() => ipAddress("localhost", "at")).toThrow('at: expected an IP address, got "localhost"');
  expect(hostName("localhost", "at")).toBe("localhost");
  expect(() => hostName("localhost:80", "at")).toThrow(BuilderError);
});
