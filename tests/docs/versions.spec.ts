import { ENVOY_VERSION } from "@rxds/testkit";
import { expect, test } from "vitest";
import { textOf } from "./markdown.js";

test("protos/README.md names the versions that are fetched", () => {
  const script = textOf("scripts/fetch-protos.mjs");
  const fetched = [...script.matchAll(/name: "(\S+)", version: "(\S+)"/g)].map(([, name, version]) => [name, version]);
  expect(fetched).toHaveLength(2);
  for (const [name, version] of fetched) {
    expect(textOf("protos/README.md")).toMatch(
      new RegExp(`\`${name}\`[^|]*\\| ${version?.replaceAll(".", "\\.")} \\|`),
    );
  }
});

test("README.md names the Envoy that is installed, and what Node.js is needed", () => {
  expect(textOf("README.md")).toContain(`the pinned Envoy (${ENVOY_VERSION})`);
  const { engines } = JSON.parse(textOf("package.json")) as { engines: { node: string } };
  expect(textOf("README.md")).toContain(`Node.js ${engines.node.replace(">=", "")} or newer`);
});

test("CHANGELOG.md has the version of the packages", () => {
  const { version } = JSON.parse(textOf("packages/rxds/package.json")) as { version: string };
  expect(/^## (\S+)/m.exec(textOf("CHANGELOG.md"))?.[1]).toBe(version);
});
