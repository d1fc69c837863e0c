/** The ways by which records reach user space. @module */

/** A perf buffer for each CPU, or one BPF ring buffer. */
export type Transport = (typeof TRANSPORTS)[number];

export const TRANSPORTS = ["perf", "ring"] as const;
