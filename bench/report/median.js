/** The one in the middle, of an even number the upper of both; 0 if there is none. @param {readonly number[]} values */
export function median(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}
