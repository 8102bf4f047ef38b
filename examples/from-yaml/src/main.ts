import { describeProblem, serveXds } from "rxds";
import { watchSnapshots } from "./watch-snapshots.js";

const [file, address = "127.0.0.1:18000"] = process.argv.slice(2);
if (file === undefined) {
  console.error("usage: node dist/main.js FILE.yaml [HOST:PORT]");
  process.exit(2);
}

const snapshots = watchSnapshots(file, ({ message }) => refused(message));
const server = await serveXds({ address, snapshots });
server.events$.subscribe((event) => {
  if (event.kind === "refused-snapshot") refused(event.problems.map(describeProblem).join("\n"));
  else console.log(`${event.kind}: ${event.detail}`);
});
console.log(`serving ${file} by xDS on ${server.address}`);

function refused(why: string): void {
  console.error(`the file was refused, the last good configuration stays in force:\n${why}`);
}
