import { edsCluster, endpoints, httpListener, routes, typeUrls } from "rxds";
import type { Step } from "./step.js";

/** The story. Each step changes what the one before has left. */
export const steps: readonly Step[] = [
  {
    title: "The first snapshot: a cluster, its endpoints, a listener and routes",
    change: (draft, { red }) =>
      draft.set(
        edsCluster({ name: "web" }),
        endpoints("web", [red]),
        httpListener({ name: "ingress", port: 0, routeConfig: "day" }),
        routes("day", { "/": "web" }),
      ),
    expect: {
      diff: ["+ CDS web", "+ EDS web", "+ LDS ingress", "+ RDS day"],
      pushed: ["CDS web", "EDS web", "LDS ingress", "RDS day"],
      traffic: { "/": { red: 100 } },
    },
  },
  {
    title: "An endpoint is added",
    change: (draft, { red, green }) => draft.set(endpoints("web", [red, green])),
    expect: { diff: ["~ EDS web"], pushed: ["EDS web"], traffic: { "/": { red: 50, green: 50 } } },
  },
  {
    title: "An endpoint is removed",
    change: (draft, { green }) => draft.set(endpoints("web", [green])),
    expect: { diff: ["~ EDS web"], pushed: ["EDS web"], traffic: { "/": { green: 100 } } },
  },
  {
    title: "A cluster is added, before anything leads to it",
    change: (draft, { blue }) => draft.set(edsCluster({ name: "canary" }), endpoints("canary", [blue])),
    expect: {
      diff: ["+ CDS canary", "+ EDS canary"],
      pushed: ["CDS canary", "EDS canary"],
      traffic: { "/": { green: 100 } },
    },
  },
  {
    title: "A tenth of the requests goes to the new cluster",
    change: (draft) => draft.set(routes("day", { "/": { weightedClusters: { web: 90, canary: 10 } } })),
    expect: {
      diff: ["~ RDS day"],
      pushed: ["RDS day"],
      traffic: { "/": { green: 90, blue: 10 } },
      requests: 1000,
    },
  },
  {
    title: "The split is moved to one half each",
    change: (draft) => draft.set(routes("day", { "/": { weightedClusters: { web: 50, canary: 50 } } })),
    expect: {
      diff: ["~ RDS day"],
      pushed: ["RDS day"],
      traffic: { "/": { green: 50, blue: 50 } },
      requests: 1000,
    },
  },
  {
    title: "A route is added, and the split ends",
    change: (draft) => draft.set(routes("day", { "/": "web", "/api": "canary" })),
    expect: {
      diff: ["~ RDS day"],
      pushed: ["RDS day"],
      traffic: { "/": { green: 100 }, "/api": { blue: 100 } },
    },
  },
  {
    title: "The listener gets other routes",
    change: (draft) =>
      draft.set(
        httpListener({ name: "ingress", port: 0, routeConfig: "night" }),
        routes("night", { "/": "canary", "/api": "web" }),
      ),
    expect: {
      diff: ["~ LDS ingress", "+ RDS night"],
      pushed: ["LDS ingress", "RDS night"],
      traffic: { "/": { blue: 100 }, "/api": { green: 100 } },
    },
  },
  {
    title: "A route is removed: nothing leads to the canary any more",
    change: (draft) => draft.set(routes("night", { "/": "web" }), routes("day", { "/": "web" })),
    expect: {
      diff: ["~ RDS night", "~ RDS day"],
      pushed: ["RDS night", "RDS day"],
      traffic: { "/": { green: 100 }, "/api": { green: 100 } },
    },
  },
  {
    title: "Only now its cluster is removed",
    change: (draft) => {
      draft.delete(typeUrls.cluster, "canary");
      draft.delete(typeUrls.endpoints, "canary");
    },
    expect: {
      diff: ["- CDS canary", "- EDS canary"],
      pushed: ["-CDS canary", "-EDS canary"],
      traffic: { "/": { green: 100 }, "/api": { green: 100 } },
    },
  },
];
