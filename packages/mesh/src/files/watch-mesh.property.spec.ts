import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { service, textOf } from "../../spec-support/sample-documents.js";
import type { Mesh } from "../documents/mesh.js";
import { loadMesh } from "./load-mesh.js";
import { watchMesh } from "./watch-mesh.js";

/** Places in the folder. What is in one of them may be a file or a folder, at different times. */
const places = ["a.yaml", "b.json", "x/a.yaml", "x/y/a.yaml", "z/a.yaml", "..data/a.yaml"];

const place = fc.constantFrom(...places);
const folder = fc.constantFrom("x", "x/y", "z", "..data", ".");
const good = fc.array(fc.tuple(fc.nat({ max: 40 }), fc.constantFrom(80, 81)), { minLength: 1, maxLength: 2 });
const text = fc.oneof(
  { weight: 6, arbitrary: good.map((services) => textOf(...services.map(([n, port]) => service(`s${n}`, port)))) },
  { weight: 1, arbitrary: fc.constantFrom("# none\n", "", "half: [") },
);
const step = fc.oneof(
  fc.record({ do: fc.constant("write" as const), at: place, text }),
  fc.record({ do: fc.constant("save" as const), at: place, text }),
  fc.record({ do: fc.constant("move" as const), at: fc.oneof(place, folder), to: fc.oneof(place, folder) }),
  fc.record({ do: fc.constant("delete" as const), at: fc.oneof(place, folder) }),
  fc.record({ do: fc.constant("link" as const), at: place, to: place }),
  fc.record({ do: fc.constant("wait" as const) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Does a step as far as it is possible; what is not changes nothing. */
function play(root: string, step: Exclude<Step, { do: "wait" }>): void {
  const at = join(root, step.at);
  try {
    mkdirSync(dirname(at), { recursive: true });
    if (step.do === "write") writeFileSync(at, step.text);
    if (step.do === "save") {
      writeFileSync(`${at}.tmp`, step.text);
      renameSync(`${at}.tmp`, at);
    }
    if (step.do === "move") renameSync(at, join(root, step.to));
    if (step.do === "delete") rmSync(at, { recursive: true, force: true });
    if (step.do === "link") symlinkSync(join(root, step.to), at);
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
  }
}

/** What is to be seen in the end: the mesh, or that something is wrong. */
const outcome = async (root: string) =>
  loadMesh(root).then(
    ({ documents }) => [...documents.entries()].sort(),
    () => "wrong",
  );

test("whatever happens to a folder, in the end the mesh is the one that is there, without looking from time to time", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
      const parent = mkdtempSync(join(tmpdir(), "rxds-watch-"));
      const root = join(parent, "mesh");
      mkdirSync(root);
      let mesh: Mesh | undefined;
      let wrong = false;
      let heard = 0;
      const onProblems = (problems: readonly unknown[]) => {
        wrong = problems.length > 0;
        heard++;
      };
      const subscription = watchMesh(root, { quietMs: 1, pollMs: 0, onProblems }).subscribe((next) => {
        mesh = next;
        heard++;
      });
      const sees = () => (wrong ? "wrong" : mesh && [...mesh.documents.entries()].sort());
      const settled = async () => {
        const expected = await outcome(root);
        await vi.waitFor(() => expect(sees()).toEqual(expected), { timeout: 5_000, interval: 1 });
      };
      try {
        for (const step of steps) {
          if (step.do === "wait") await settled();
          else play(root, step);
        }
        await settled();
        expect(heard).toBeGreaterThan(0);
      } finally {
        subscription.unsubscribe();
        rmSync(parent, { recursive: true, force: true });
      }
    }),
  );
});
