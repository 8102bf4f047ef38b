import { expect, test } from "vitest";
import { inboundInput, type RedirectRule, redirectInput } from "./redirect-rules.js";

const to = { address: "10.0.0.1", port: 15001 };
const rule = (more: Partial<RedirectRule>): RedirectRule => ({
  protocol: "tcp",
  address: "10.96.0.1",
  port: 80,
  to,
  ...more,
});
const [a, b, c] = ["10.0.0.2", "10.0.0.3", "10.0.0.4"];

test("rules with the same sources share a chain, and those without sources stand behind them", () => {
  const rules = [rule({ from: [b!, a!] }), rule({ port: 81, from: [c!] }), rule({ port: 82, from: [a!, b!, a!] })];
  const { lines, sets } = redirectInput(4, "PREROUTING", [rule({ protocol: "udp" }), ...rules], 0);
  expect(lines).toEqual([
    "*nat",
    ":RXDS-PREROUTING - [0:0]",
    ":RXDS-PREROUTING-1 - [0:0]",
    ":RXDS-PREROUTING-2 - [0:0]",
    "-A RXDS-PREROUTING -s 10.0.0.2 -j RXDS-PREROUTING-1",
    "-A RXDS-PREROUTING -s 10.0.0.3 -j RXDS-PREROUTING-1",
    "-A RXDS-PREROUTING-1 -d 10.96.0.1 -p tcp --dport 80 -j DNAT --to-destination 10.0.0.1:15001",
    "-A RXDS-PREROUTING-1 -d 10.96.0.1 -p tcp --dport 82 -j DNAT --to-destination 10.0.0.1:15001",
    "-A RXDS-PREROUTING -s 10.0.0.4 -j RXDS-PREROUTING-2",
    "-A RXDS-PREROUTING-2 -d 10.96.0.1 -p tcp --dport 81 -j DNAT --to-destination 10.0.0.1:15001",
    "-A RXDS-PREROUTING -d 10.96.0.1 -p udp --dport 80 -j DNAT --to-destination 10.0.0.1:15001",
    "COMMIT",
  ]);
  expect(sets).toBe(2);
});

test("what was in force before is emptied and removed in the same step", () => {
  const { lines, sets } = redirectInput(4, "OUTPUT", [], 1);
  expect(lines).toEqual(["*nat", ":RXDS-OUTPUT - [0:0]", ":RXDS-OUTPUT-1 - [0:0]", "-X RXDS-OUTPUT-1", "COMMIT"]);
  expect(sets).toBe(0);
});

test("each family gets its rules and its sources", () => {
  const rules = [
    rule({ address: "fd00::9", to: { address: "::1", port: 1 }, from: ["fd00::2", a!] }),
    rule({ from: ["fd00::2"] }),
  ];
  expect(redirectInput(6, "OUTPUT", rules, 0).lines).toEqual([
    "*nat",
    ":RXDS-OUTPUT - [0:0]",
    ":RXDS-OUTPUT-1 - [0:0]",
    "-A RXDS-OUTPUT -s fd00::2 -j RXDS-OUTPUT-1",
    "-A RXDS-OUTPUT-1 -d fd00::9 -p tcp --dport 80 -j DNAT --to-destination [::1]:1",
    "COMMIT",
  ]);
  expect(redirectInput(4, "OUTPUT", rules, 0).sets).toBe(0);
});

test.each([
  [rule({ address: "web" }), '"web" is no IP address'],
  [rule({ from: ["10.0.0.0/8"] }), '"10.0.0.0/8" is no IP address'],
  [rule({ port: 0 }), "0 is no port"],
  [rule({ to: { address: "::1", port: 1 } }), "both must be IPv4 or both IPv6"],
])("a rule that cannot work is refused: %o", (bad, words) => {
  expect(() => redirectInput(4, "OUTPUT", [bad], 0)).toThrow(words);
  expect(() => redirectInput(6, "OUTPUT", [bad], 0)).toThrow(words);
});

test("inbound ports go to one port", () => {
  expect(inboundInput([80, 443], 15006)).toEqual([
    "*nat",
    ":RXDS-INBOUND - [0:0]",
    "-A RXDS-INBOUND -p tcp --dport 80 -j REDIRECT --to-ports 15006",
    "-A RXDS-INBOUND -p tcp --dport 443 -j REDIRECT --to-ports 15006",
    "COMMIT",
  ]);
  expect(() => inboundInput([80], 99_999)).toThrow("99999 is no port");
});
