import { expect, test } from "vitest";
import { isLoopback } from "./loopback.js";

test.each([
  "127.0.0.1:18000",
  "127.1.2.3",
  "localhost:18000",
  "LocalHost",
  "[::1]:18000",
  "::1",
  "ipv4:127.0.0.1:1,127.0.0.2:2",
  "ipv6:[::1]:1",
  "dns:localhost:1",
  "dns:///localhost:1",
  "unix:/run/xds.sock",
  "unix:///run/xds.sock",
  "unix-abstract:xds",
])("%s is loopback", (address) => {
  expect(isLoopback(address)).toBe(true);
});

test.each([
  "10.0.0.1:18000",
  "0.0.0.0:18000",
  "control-plane:18000",
  "localhost.example.com:1",
  "127.0.0.1.example.com:1",
  "[2001:db8::1]:1",
  "::2",
  "ipv4:127.0.0.1:1,10.0.0.1:2",
  "dns:///control-plane:1",
  "dns://10.0.0.53/localhost:1",
  "xds:///localhost",
  "",
])("%s is not", (address) => {
  expect(isLoopback(address)).toBe(false);
});
