// Redirect plans, for those who put them into force: without what makes them, and so without Envoy's messages.
export { PLAN_PIECE, REDIRECT_PIECE } from "../pieces/piece-names.js";
export { createPlanAssembler, type PlanAssembler, type PlanPiece } from "../pieces/plan-assembler.js";
export { PlanPieceError } from "../pieces/plan-piece-error.js";
export { agentId } from "../plane/agent-id.js";
export { byDestination } from "./by-destination.js";
export type { RedirectEntry, RedirectedWorkload, RedirectGroup, RedirectPlan } from "./redirect-plan.js";
