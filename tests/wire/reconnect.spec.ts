import { typeUrls } from "rxds";
import { describe, expect, test } from "vitest";
import { back, lose, reject, started, versionsOf } from "./reconnect.js";
import { cluster, namesOf } from "./world.js";

const CDS = typeUrls.cluster;

describe("a delta client that comes back", () => {
  test("is sent what it has rejected, and may use, when that is what it was before", async () => {
    const { world, stream, held } = await started();
    await using _ = world;
    world.put(cluster("a", 2), cluster("bad"));
    await reject(world, stream, "bad: no good");
    await lose(world, stream);
    world.put(cluster("a", 1));
    world.drop(CDS, "bad");
    // It uses the new version, and says that it has the old one.
    expect((await back(world, held)).said).toEqual([["a"], []]);
  });

  test("loses what came in a response that it has rejected, and is gone since", async () => {
    const { world, stream, held } = await started();
    await using _ = world;
    world.put(cluster("k"), cluster("bad"));
    await reject(world, stream, "bad: no good");
    await lose(world, stream);
    world.drop(CDS, "k", "bad");
    const again = await back(world, held);
    expect(again.said).toEqual([[], []]);
    again.stream.ack(again.first);
    const removal = await again.stream.next();
    expect([namesOf(removal), [...removal.removedResources].sort()]).toEqual([[], ["bad", "k"]]);
  });

  test("is sent what was taken from it in a response that it has rejected, when it is there again", async () => {
    const { world, stream, held } = await started();
    await using _ = world;
    world.drop(CDS, "b");
    await reject(world, stream);
    await lose(world, stream);
    world.put(cluster("b"));
    expect((await back(world, held)).said).toEqual([["b"], []]);
  });

  test("is sent what it did not answer, and nothing when it has answered all", async () => {
    const { world, stream, held } = await started();
    await using _ = world;
    world.put(cluster("b", 2));
    await stream.next();
    await lose(world, stream);
    world.put(cluster("b", 1));
    const second = await back(world, held);
    expect(second.said).toEqual([["b"], []]);
    second.stream.ack(second.first);
    await second.stream.silence();
    await lose(world, second.stream);
    const third = await back(world, held);
    expect(third.said).toEqual([[], []]);
    third.stream.ack(third.first);
    await third.stream.silence();
  });

  test("is sent nothing when it says that it has what it did not answer", async () => {
    const { world, stream, held } = await started();
    await using _ = world;
    world.put(cluster("b", 2));
    const unanswered = versionsOf(await stream.next());
    await lose(world, stream);
    const again = await back(world, { ...held, ...unanswered });
    expect(again.said).toEqual([[], []]);
    again.stream.ack(again.first);
    await again.stream.silence();
  });

  test("is not believed when there were several versions that it did not answer", async () => {
    const { world, stream, held } = await started();
    await using _ = world;
    world.put(cluster("b", 2));
    await stream.next();
    world.put(cluster("b", 1));
    await stream.next();
    await lose(world, stream);
    // It may have rejected both, and use the first.
    expect((await back(world, held)).said).toEqual([["b"], []]);
  });

  test("is still doubted when that stream ends as well before it has answered", async () => {
    const { world, stream, held } = await started();
    await using _ = world;
    world.put(cluster("k"), cluster("a", 2), cluster("bad"));
    await reject(world, stream, "bad: no good");
    await lose(world, stream);
    world.drop(CDS, "k", "bad");
    world.put(cluster("a", 1));
    const second = await back(world, held);
    expect(second.said).toEqual([["a"], []]);
    await lose(world, second.stream);
    const third = await back(world, held);
    expect(third.said).toEqual([["a"], []]);
    third.stream.ack(third.first);
    expect([...(await third.stream.accept()).removedResources].sort()).toEqual(["bad", "k"]);
    await lose(world, third.stream);
    expect((await back(world, held)).said).toEqual([[], []]);
  });

  test("is doubted although nobody has noticed that its stream was lost", async () => {
    const { world, stream, held } = await started();
    await using _ = world;
    world.put(cluster("b", 2));
    await stream.next();
    world.put(cluster("b", 1));
    expect((await back(world, held)).said).toEqual([["b"], []]);
  });

  test("is not doubted for what another one did not answer", async () => {
    const { world, stream, held } = await started();
    await using _ = world;
    world.put(cluster("b", 2));
    await stream.next();
    await lose(world, stream);
    world.put(cluster("b", 1));
    const other = world.delta();
    other.send({ node: { id: "n2", cluster: "wire" }, typeUrl: CDS, initialResourceVersions: held });
    expect(namesOf(await other.next())).toEqual([]);
  });
});
