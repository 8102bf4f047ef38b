import { describeProblem, serveXds } from "rxds";
import { watchSnapshots } from "./watch-snapshots.js";

const [file, address = "127.0.0.1:18000"] = process.argv.slice(2);
if (file === undefined) {
  console.error("usage: node dist/main.js FILE.yaml [HOST:PORT]");
  process.exit(2);
}

const snapshots = watchSnapshots(file, ({ message }) => {
  console.error(`not loaded, the last good configuration stays:\n${message}`);
});
const server = await serveXds({ address, snapshots });

server.events$.subscribe((event) => {
  console.log(`${event.kind}: ${event.detail}`);
  // The detail shows the first few; here are all, with the resource and the place in it.
  if (event.kind === "refused-snapshot") for (const problem of event.problems) console.error(describeProblem(problem));
});
console.log(`serving ${file} by xDS on ${server.address}`);
