// What the pictures of reports are drawn with.

/** For a text whose middle is at its place. */
export const MIDDLE = ' text-anchor="middle"';

/** Round numbers from nothing to what is no less than the largest: some five. @param {number} most */
export function ticksTo(most) {
  const power = 10 ** Math.floor(Math.log10(most / 5));
  const step = power * ([1, 2, 5, 10].find((one) => one * power >= most / 5) ?? 10);
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, i) => i * step);
}

/** A text at a place. @param {number} x @param {number} y @param {string} content @param {string} [style] */
export function text(x, y, content, style = "") {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}"${style}>${content}</text>`;
}

/** A filled box. @param {{ readonly x: number, readonly y: number, readonly width: number, readonly height: number }} box @param {string} colour */
export function rect({ x, y, width, height }, colour) {
  const size = `width="${width.toFixed(1)}" height="${height.toFixed(1)}"`;
  return `<rect x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${size} fill="${colour}"/>`;
}
