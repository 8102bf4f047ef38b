export * from "@rxds/core";
export * from "@rxds/server";
