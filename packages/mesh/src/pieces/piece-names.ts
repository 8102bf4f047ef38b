/** The type URL of the resources by which the redirect plan of a node travels to its agent: `rxds.mesh.v1.RedirectPiece`. */
export const REDIRECT_PIECE = "type.googleapis.com/rxds.mesh.v1.RedirectPiece";

/** The name of the piece that says what the plan is as a whole. An agent that has acknowledged it has put the plan into force. */
export const PLAN_PIECE = "plan";

/** The name of the piece of a group. */
export const groupPiece = (proxy: string): string => `group ${proxy}`;

/** The name of the piece of one service in a group. */
export const servicePiece = (proxy: string, service: string): string => `service ${proxy} ${service}`;
