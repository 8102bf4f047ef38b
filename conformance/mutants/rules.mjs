/** The numbers of the rules that the titles in some spec sources name, ascending. */
export function rulesIn(...sources) {
  const found = sources.flatMap((source) => [...source.matchAll(/\brule (\d+)[:,]/g)].map(([, rule]) => Number(rule)));
  return [...new Set(found)].sort((a, b) => a - b);
}
