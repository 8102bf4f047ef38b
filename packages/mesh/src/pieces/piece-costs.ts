/** What pieces of plans cost, counted for tests. */
export const pieceCosts = {
  /** Pieces that were encoded. */
  built: 0,
  /** Groups whose entries were put together by an assembler. */
  assembled: 0,
};
