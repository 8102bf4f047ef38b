import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { pages, root, textOf } from "./markdown.js";

/** The anchor that a heading gets: lower case, punctuation dropped, spaces to hyphens. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replace(/\s/g, "-");
}

/** What of a page's links leads nowhere. Links to elsewhere are not followed. */
function deadLinks(page: string): string[] {
  const text = textOf(page).replace(/```[\s\S]*?```/g, "");
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [path = "", anchor] = link.split("#");
    const target = path === "" ? page : join(dirname(page), path);
    if (!existsSync(join(root, target))) return true;
    if (anchor === undefined) return false;
    const headings = [...textOf(target).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => anchorOf(heading));
    return !headings.includes(anchor);
  });
}

test.each(pages())("every link of %s leads somewhere", (page) => {
  expect(deadLinks(page)).toEqual([]);
});

test("README.md leads to every page of docs/ and every package", () => {
  const readme = textOf("README.md");
  const wanted = pages().filter((page) => /^docs\/|^packages\/[^/]+\/README\.md$/.test(page));
  expect(wanted.filter((page) => !readme.includes(`](${page.replace(/\/README\.md$/, "")}`))).toEqual([]);
});
