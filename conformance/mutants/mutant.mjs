/** A change of a source: `find` must occur in it exactly once. */
export const edit = (file, find, replace) => ({ file: `packages/${file}`, find, replace });

/** A mutant of the server that breaks one rule. `why`: what it does wrong, in a few words. */
export const mutant = (rule, why, ...edits) => ({ rule, why, edits });
