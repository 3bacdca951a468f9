/** What is under test: the production package, or a copy of it with something taken out. */
export type Protocol = typeof import("@portcullis/coherence");
