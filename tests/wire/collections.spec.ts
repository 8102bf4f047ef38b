import { createResource, typeUrls } from "rxds";
import { expect, test } from "vitest";
import { hosts, namesOf, node, startWorld } from "./world.js";

const EDS = typeUrls.endpoints;
const prefix = "xdstp://rxds.test/envoy.config.endpoint.v3.ClusterLoadAssignment";
const member = (id: string, revision = 1) => createResource(hosts("any", revision), { name: `${prefix}/${id}` });
const short = (name: string) => name.slice(prefix.length + 1);

test("a collection is what is directly below its path, of its context", async () => {
  await using world = await startWorld([
    member("shop/a?env=p&zone=1"),
    member("shop/b?zone=1&env=p"),
    member("shop/c?zone=2&env=p"),
    member("shop/deep/d?zone=1&env=p"),
  ]);
  const stream = world.delta();
  stream.send({ node, typeUrl: EDS, resourceNamesSubscribe: [`${prefix}/shop/*?zone=1&env=p`] });
  expect(namesOf(await stream.accept()).map(short)).toEqual(["shop/a?env=p&zone=1", "shop/b?env=p&zone=1"]);
  world.put(member("shop/e?env=p&zone=1"));
  expect(namesOf(await stream.accept()).map(short)).toEqual(["shop/e?env=p&zone=1"]);
  world.put(member("shop/c?zone=2&env=p", 2), member("shop/deep/d?zone=1&env=p", 2));
  await stream.silence();
  world.drop(EDS, `${prefix}/shop/a?zone=1&env=p`);
  expect((await stream.accept()).removedResources.map(short)).toEqual(["shop/a?env=p&zone=1"]);
});

test("an empty collection is told as removed, and fills later", async () => {
  await using world = await startWorld([hosts("other")]);
  const stream = world.delta();
  const name = `${prefix}/shop/*`;
  stream.send({ node, typeUrl: EDS, resourceNamesSubscribe: [name] });
  expect((await stream.accept()).removedResources).toEqual([name]);
  world.put(member("shop/a"));
  expect(namesOf(await stream.accept()).map(short)).toEqual(["shop/a"]);
});

test("a member that is let go by name stays in the collection", async () => {
  await using world = await startWorld([member("shop/a"), member("shop/b")]);
  const stream = world.delta();
  stream.send({ node, typeUrl: EDS, resourceNamesSubscribe: [`${prefix}/shop/*`, `${prefix}/shop/a`] });
  expect((await stream.accept()).resources).toHaveLength(2);
  stream.send({ typeUrl: EDS, resourceNamesUnsubscribe: [`${prefix}/shop/a`] });
  stream.send({ typeUrl: EDS, resourceNamesUnsubscribe: [`${prefix}/shop/b`] });
  await stream.silence();
  world.put(member("shop/a", 2), member("shop/b", 2));
  expect((await stream.accept()).resources).toHaveLength(2);
  stream.send({ typeUrl: EDS, resourceNamesUnsubscribe: [`${prefix}/shop/*`] });
  await stream.silence();
  world.put(member("shop/a", 3));
  await stream.silence();
});

test("the state of the world knows collections and any order of the context too", async () => {
  await using world = await startWorld([member("shop/a?x=1&y=2"), member("shop/b?x=1&y=2"), member("one?x=1&y=2")]);
  const stream = world.sotw();
  stream.send({ node, typeUrl: EDS, resourceNames: [`${prefix}/shop/*?y=2&x=1`, `${prefix}/one?y=2&x=1`] });
  expect((await stream.accept()).resources).toHaveLength(3);
  world.put(member("shop/a?y=2&x=1", 2));
  expect((await stream.accept()).resources).toHaveLength(1);
});
