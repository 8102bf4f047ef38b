// Runs before a package is packed, in its folder: LICENSE and NOTICE live at the root and belong into every tarball.
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./run.mjs";

for (const file of ["LICENSE", "NOTICE"]) copyFileSync(join(root, file), join(process.cwd(), file));
